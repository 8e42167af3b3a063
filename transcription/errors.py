"""What can go wrong between a user and the library: a stable ``code`` and a ``message`` for the user,
in whose language it is."""

from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _


def stored_words(message: str) -> str:
    """What a worker wrote down, in English, in the words of whoever reads it."""
    return gettext(message) if message else ""


class ScriptaError(Exception):
    """Base of errors that a user can cause or must know of."""

    code = "error"
    message: Any = _("That did not work.")
    """A text, or one that is translated when it is asked for."""
    status = 400

    def __init__(self, message: Any = None, **details: Any) -> None:
        """``details``: more that programs may want to know, as JSON."""
        self.message = str(message or type(self).message)
        self.details = details
        super().__init__(f"{self.code}: {self.message}")


class WrongState(ScriptaError):
    """The thing has moved on since the page was drawn."""

    code = "wrong_state"
    message = _("This is no longer possible: the state has changed in the meantime.")
    status = 409


class EditConflict(WrongState):
    """``details`` hold the passage as it is now: ``index``, ``text``, ``revision``; ``text`` is null if it is gone,
    and ``joined`` says whether the one above has its text since."""

    code = "edit_conflict"
    message = _("Somebody else has changed this passage in the meantime. Compare both texts, and save yours again.")


class RequestReused(WrongState):
    code = "request_reused"
    message = _("Another edit was made under this name. Nothing was changed: give each edit a name of its own.")


class NothingToUndo(WrongState):
    code = "nothing_to_undo"
    message = _("There is nothing of yours to take back.")


class NothingToRedo(WrongState):
    code = "nothing_to_redo"
    message = _("There is nothing to do again.")


class AlreadyRunning(WrongState):
    code = "already_running"
    message = _("This recording is already being transcribed.")


class TooLarge(ScriptaError):
    code = "too_large"
    message = _("This file is larger than this server allows.")
    status = 413


class QuotaExceeded(ScriptaError):
    code = "quota_exceeded"
    message = _(
        "There is not enough room left in your library. Delete recordings that you no longer need, and empty the trash."
    )
    status = 413


class StorageFull(ScriptaError):
    code = "storage_full"
    message = _("The server's disk is full. What has arrived is kept; try again when there is room.")
    status = 507


class OffsetMismatch(ScriptaError):
    code = "offset_mismatch"
    message = _("The upload is at another position than was sent.")
    status = 409


class UploadBusy(ScriptaError):
    code = "upload_busy"
    message = _("Another request is writing to this upload.")
    status = 423


class UploadGone(ScriptaError):
    code = "upload_gone"
    message = _("This upload no longer exists. Please choose the file again.")
    status = 410


class BadRequest(ScriptaError):
    code = "bad_request"


class LiveNotFound(ScriptaError):
    """There is none, it is another's, or it lies in the trash: which of these is not said."""

    code = "not_found"
    message = _("There is no such live recording.")
    status = 404


class LiveOff(ScriptaError):
    code = "live_off"
    message = _("Live captions are switched off on this server.")
    status = 503


class TooManyUnfinished(ScriptaError):
    code = "too_many_unfinished"
    message = _("You have too many live recordings that are not finished. End one of them first.")
    status = 409


class StaleEpoch(WrongState):
    """Another connection has taken over, or the live recording was ended elsewhere: write nothing more."""

    code = "taken_over"
    message = _("This recording goes on in another place, or has been ended there.")


class PositionMismatch(ScriptaError):
    """Sound for another position than the one that is durable."""

    code = "gap"
    message = _("Sound is missing before this position.")
    status = 409


class DamagedSound(ScriptaError):
    code = "damaged_sound"
    message = _("A part of the sound that had been stored cannot be read any more.")
    status = 500


class TooLong(ScriptaError):
    code = "too_long"
    message = _("This recording has reached the greatest length that this server allows. What was said is kept.")
    status = 413


class LinkUnknown(ScriptaError):
    code = "link_unknown"
    message = _("This link leads nowhere. Please check that it was copied whole.")
    status = 404


class LinkWithdrawn(ScriptaError):
    code = "link_withdrawn"
    message = _("This link was withdrawn. Ask whoever sent it for a new one.")
    status = 410


class LinkExpired(LinkWithdrawn):
    code = "link_expired"
    message = _("This link has expired. Ask whoever sent it for a new one.")


class LinkLocked(ScriptaError):
    code = "link_locked"
    message = _("This link asks for a password. Open its page to give it.")
    status = 403


class TooManyProposals(ScriptaError):
    code = "too_many_proposals"
    message = _("You have as many passages in line as one person may have. Wait for one, or dismiss it.")
    status = 409


class NotTheOwner(ScriptaError):
    """The recording is shared with whoever asks, so that it may be said that it exists."""

    code = "not_the_owner"
    message = _("Only the owner of this recording may do this.")
    status = 403


class NotAnEditor(NotTheOwner):
    code = "not_an_editor"
    message = _("This recording is shared with you to be read. Ask its owner for the right to correct it.")


class NotYourComment(ScriptaError):
    code = "not_your_comment"
    message = _("Only whoever wrote a comment may change it.")
    status = 403


class CommentsClosed(ScriptaError):
    code = "comments_closed"
    message = _("This link is for reading only.")
    status = 403


class NobodyThere(ScriptaError):
    code = "nobody_there"
    message = _("Nobody here uses this e-mail address. Check how it is written, or share a link instead.")
    status = 409


class TooManyShares(ScriptaError):
    code = "too_many_shares"
    message = _("This recording is shared as often as one can be. Withdraw something first.")
    status = 409


class TooManyTries(ScriptaError):
    """A limit on something harmless that could be used to guess or to flood."""

    code = "too_many_tries"
    message = _("That was very often in a short time. Please wait a few minutes and try again.")
    status = 429


class HostNotAllowed(ScriptaError):
    code = "host_not_allowed"
    message = _("This server may not fetch files from there.")
    status = 403


class OutgoingError(ScriptaError):
    """An address that somebody typed could not be reached, or must not be. ``code`` says which; see ``outgoing``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class TooManyWebhooks(ScriptaError):
    code = "too_many_webhooks"
    message = _("You have as many webhooks as one person may have. Delete one first.")
    status = 409


class SomebodyElse(ScriptaError):
    """Another has signed in, in the same browser, since the page was drawn that asks."""

    code = "somebody_else"
    message = _("Somebody else has signed in. Sign in again as yourself.")
    status = 401


class CannotExport(ScriptaError):
    code = "cannot_export"
    message = _("This transcript cannot be saved in this format.")
    status = 409


class BadCaptions(ScriptaError):
    code = "captions_unreadable"
    message = _("This is not a file of SubRip or WebVTT captions.")


class NoWord(BadRequest):
    code = "no_word"
    message = _("There is no word in this to search for.")


class SearchTooSlow(ScriptaError):
    code = "search_too_slow"
    message = _("This search takes too long here. Please add a word that is rarer, or choose a recording.")
    status = 503


class SameKeyRunning(ScriptaError):
    code = "same_key_running"
    message = _("Another request with this Idempotency-Key is being worked on. Try again in a moment.")
    status = 409


class KeyReused(ScriptaError):
    code = "key_reused"
    message = _("This Idempotency-Key was sent with another request before. Each wish needs a key of its own.")
    status = 422


class TagExists(ScriptaError):
    code = "tag_exists"
    message = _("You have a tag of this name already.")
    status = 409


class TooManyTags(ScriptaError):
    code = "too_many_tags"
    message = _("You have as many tags as one person may have. Delete one, or merge two.")
    status = 409


class ConfirmationNeeded(ScriptaError):
    """The rule would delete at once: ``count`` recordings. Whoever wants that says so, with this number."""

    code = "confirmation_needed"
    status = 409

    def __init__(self, count: int) -> None:
        super().__init__(
            ngettext(
                "This rule would delete at once, from %(count)d recording. Confirm it with this number.",
                "This rule would delete at once, from %(count)d recordings. Confirm it with this number.",
                count,
            )
            % {"count": count}
        )
        self.count = count


class StaleAttempt(Exception):  # noqa: N818  (not an error: the job belongs to somebody else now)
    """The job was cancelled, deleted or taken over: this attempt must stop and write nothing more."""
