"""What can go wrong between a user and the library: a stable ``code`` and a ``message`` for the user,
in whose language it is."""

from django.utils.translation import gettext, gettext_noop


def stored_words(message: str) -> str:
    """What a worker wrote down, in English, in the words of whoever reads it."""
    return gettext(message) if message else ""


class ScriptaError(Exception):
    """Base of errors that a user can cause or must know of."""

    code = "error"
    message = gettext_noop("That did not work.")
    status = 400

    def __init__(self, message: str | None = None) -> None:
        self.message = message or gettext(type(self).message)
        super().__init__(f"{self.code}: {self.message}")


class WrongState(ScriptaError):
    """The thing has moved on since the page was drawn."""

    code = "wrong_state"
    message = gettext_noop("This is no longer possible: the state has changed in the meantime.")
    status = 409


class AlreadyRunning(WrongState):
    code = "already_running"
    message = gettext_noop("This recording is already being transcribed.")


class TooLarge(ScriptaError):
    code = "too_large"
    message = gettext_noop("This file is larger than this server allows.")
    status = 413


class QuotaExceeded(ScriptaError):
    code = "quota_exceeded"
    message = gettext_noop("There is not enough room left in your library. Delete recordings that you no longer need.")
    status = 413


class StorageFull(ScriptaError):
    code = "storage_full"
    message = gettext_noop("The server's disk is full. What has arrived is kept; try again when there is room.")
    status = 507


class OffsetMismatch(ScriptaError):
    code = "offset_mismatch"
    message = gettext_noop("The upload is at another position than was sent.")
    status = 409


class UploadBusy(ScriptaError):
    code = "upload_busy"
    message = gettext_noop("Another request is writing to this upload.")
    status = 423


class UploadGone(ScriptaError):
    code = "upload_gone"
    message = gettext_noop("This upload no longer exists. Please choose the file again.")
    status = 410


class BadRequest(ScriptaError):
    code = "bad_request"


class LiveNotFound(ScriptaError):
    """There is none, it is another's, or it lies in the trash: which of these is not said."""

    code = "not_found"
    message = gettext_noop("There is no such live recording.")
    status = 404


class LiveOff(ScriptaError):
    code = "live_off"
    message = gettext_noop("Live captions are switched off on this server.")
    status = 503


class TooManyUnfinished(ScriptaError):
    code = "too_many_unfinished"
    message = gettext_noop("You have too many live recordings that are not finished. End one of them first.")
    status = 409


class StaleEpoch(WrongState):
    """Another connection has taken over, or the live recording was ended elsewhere: write nothing more."""

    code = "taken_over"
    message = gettext_noop("This recording goes on in another place, or has been ended there.")


class PositionMismatch(ScriptaError):
    """Sound for another position than the one that is durable."""

    code = "gap"
    message = gettext_noop("Sound is missing before this position.")
    status = 409


class DamagedSound(ScriptaError):
    code = "damaged_sound"
    message = gettext_noop("A part of the sound that had been stored cannot be read any more.")
    status = 500


class TooLong(ScriptaError):
    code = "too_long"
    message = gettext_noop(
        "This recording has reached the greatest length that this server allows. What was said is kept."
    )
    status = 413


class LinkUnknown(ScriptaError):
    code = "link_unknown"
    message = gettext_noop("This link leads nowhere. Please check that it was copied whole.")
    status = 404


class LinkWithdrawn(ScriptaError):
    code = "link_withdrawn"
    message = gettext_noop("This link was withdrawn. Ask whoever sent it for a new one.")
    status = 410


class HostNotAllowed(ScriptaError):
    code = "host_not_allowed"
    message = gettext_noop("This server may not fetch files from there.")
    status = 403


class OutgoingError(ScriptaError):
    """An address that somebody typed could not be reached, or must not be. ``code`` says which; see ``outgoing``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class TooManyWebhooks(ScriptaError):
    code = "too_many_webhooks"
    message = gettext_noop("You have as many webhooks as one person may have. Delete one first.")
    status = 409


class SearchTooSlow(ScriptaError):
    code = "search_too_slow"
    message = gettext_noop("This search takes too long here. Please add a word that is rarer, or choose a recording.")
    status = 503


class SameKeyRunning(ScriptaError):
    code = "same_key_running"
    message = gettext_noop("Another request with this Idempotency-Key is being worked on. Try again in a moment.")
    status = 409


class KeyReused(ScriptaError):
    code = "key_reused"
    message = gettext_noop(
        "This Idempotency-Key was sent with another request before. Each wish needs a key of its own."
    )
    status = 422


class StaleAttempt(Exception):  # noqa: N818  (not an error: the job belongs to somebody else now)
    """The job was cancelled, deleted or taken over: this attempt must stop and write nothing more."""
