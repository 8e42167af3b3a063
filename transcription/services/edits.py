"""The log of edits: each is written once, in one transaction with the rows that it changes. See ``undoing``."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext, gettext_lazy

from accounts.models import User
from transcription.editing import changes
from transcription.editing.changes import Change, Rows, Stale
from transcription.editing.passages import FIELDS
from transcription.enums import EditKind
from transcription.errors import BadRequest, EditConflict, RequestReused, WrongState
from transcription.models import MachineSegment, Speaker, Transcript, TranscriptEdit, TranscriptSegment

CHANGED_SINCE = gettext_lazy("Somebody else has changed the same passage since. It stays as it is now.")


@dataclass(frozen=True, slots=True)
class By:
    """Who edits. A ``request`` that comes twice is done once; edits of one ``group`` are taken back together."""

    user: User
    request: uuid.UUID = field(default_factory=uuid.uuid4)
    group: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What an edit would change."""

    segments: Sequence[Change] = ()
    speakers: Sequence[Change] = ()


@dataclass(frozen=True, slots=True)
class State:
    """A transcript at some revision: rows of segments by number, and names of speakers by number."""

    segments: Rows
    speakers: Rows


def commit(
    *,
    transcript_id: int,
    by: By,
    kind: EditKind,
    plan: Callable[[Transcript], Plan],
    is_same: Callable[[TranscriptEdit], bool] = lambda _: True,
) -> TranscriptEdit | None:
    """Carry out what ``plan`` says of the transcript, whose row is locked meanwhile; None if that is nothing.

    ``is_same`` tells whether an edit of the same name and kind can be this one, which is sent again.
    Raises WrongState for a transcript that is still being written, RequestReused, and what ``plan`` raises.
    """
    with transaction.atomic():
        transcript = hold(transcript_id)
        done = done_before(transcript, by, kind, is_same)
        return done or write(transcript, by, kind, net_of(transcript, plan(transcript)))


def done_before(
    transcript: Transcript,
    by: By,
    kind: EditKind,
    is_same: Callable[[TranscriptEdit], bool] = lambda _: True,
) -> TranscriptEdit | None:
    """What was made under this name when it came before. Raises RequestReused if that was another edit."""
    done: TranscriptEdit | None = transcript.edits.filter(request=by.request).first()
    if done and not (done.kind == kind and done.user_id == by.user.pk and is_same(done)):
        raise RequestReused
    return done


def changing(number: int) -> Callable[[TranscriptEdit], bool]:
    """Whether an edit changed a passage."""
    return lambda edit: any(change.number == number and change.after for change in segment_changes(edit))


def taking(number: int) -> Callable[[TranscriptEdit], bool]:
    """Whether an edit took a passage away."""
    return lambda edit: number in taken_away(edit)


def require_revision(transcript: Transcript, revision: int) -> None:
    """A number that is yet to come would hide what others have changed. Raises BadRequest."""
    if revision > transcript.revision:
        raise BadRequest(gettext("This transcript has no such revision."))


def hold(transcript_id: int) -> Transcript:
    """Lock a transcript for an edit. Call inside a transaction."""
    transcript: Transcript = Transcript.objects.select_for_update(no_key=True).get(pk=transcript_id)
    if not transcript.is_complete:
        raise WrongState(gettext("This text is still being written. It can be corrected once it is complete."))
    return transcript


def changed_since(transcript: Transcript, number: int, revision: int, *fields: str) -> bool:
    """Whether a passage was made, taken away or changed in one of these fields after a revision."""
    later = transcript.edits.filter(revision__gt=revision)
    changed_here = (change for edit in later for change in segment_changes(edit) if change.number == number)
    return any(not (each.before and each.after) or not each.after.keys().isdisjoint(fields) for each in changed_here)


def taken_away(edit: TranscriptEdit) -> dict[int, bool]:
    """Passages that an edit took away, and of each whether it was joined with another, which has its text since."""
    made = segment_changes(edit)
    texts = [str(each.after.get("text", "")) for each in made if each.before and each.after]
    may_join = edit.kind in {EditKind.MERGE, EditKind.UNDO, EditKind.REDO}
    return {
        each.number: may_join and any(each.before["text"].strip() in text for text in texts)
        for each in made
        if each.before and each.after is None
    }


def gone(transcript: Transcript, index: int) -> EditConflict:
    """Of a passage that is no more; ``joined`` says whether its text is in the one above since."""
    log = map(taken_away, transcript.edits.order_by("-revision").iterator(chunk_size=100))
    is_joined = next((taken[index] for taken in log if index in taken), False)
    message = (
        gettext("This passage has been joined with the one above in the meantime.")
        if is_joined
        else gettext("This passage has been deleted in the meantime.")
    )
    return EditConflict(message, index=index, text=None, revision=0, joined=is_joined)


def times_by_hand(transcript: Transcript) -> tuple[set[float], set[float]]:
    """When passages begin, and when they end, because a person has said so; some that are no more are among them."""
    rows = transcript.edits.filter(kind=EditKind.TIMES, undone_revision=None).only("segments")
    afters = [change.after for edit in rows for change in segment_changes(edit) if change.after]
    starts, ends = ({after[name] for after in afters if name in after} for name in ("start", "end"))
    return starts, ends


# Rows ----------------------------------------------------------------------------------------------------------------


def segment_rows(transcript: Transcript, indexes: Iterable[int] | None = None) -> Rows:
    """Segments as rows by number, in the order of the text: those named, or all."""
    found = transcript.segments.in_order()
    if indexes is not None:
        found = found.filter(index__in=list(indexes))
    return {index: dict(zip(FIELDS, values, strict=True)) for index, *values in found.values_list("index", *FIELDS)}


def speaker_rows(transcript: Transcript) -> Rows:
    return {number: {"name": name} for number, name in transcript.speakers.values_list("number", "name")}


def machine_rows(transcript: Transcript) -> Rows:
    """What the engine wrote: rows that nobody changed, and those that were kept when somebody did."""
    untouched = transcript.segments.filter(revision=0)
    rows = {n: dict(zip(FIELDS, values, strict=True)) for n, *values in untouched.values_list("index", *FIELDS)}
    return rows | dict(transcript.machine_segments.values_list("index", "row"))


def corrected(transcript: Transcript) -> frozenset[int]:
    """Passages with another text than they were made with, and those that were made of others."""
    made = dict(transcript.machine_segments.values_list("index", "row__text"))
    changed = transcript.segments.filter(revision__gt=0).values_list("index", "text")
    return frozenset(index for index, text in changed if made.get(index) != text)


def state_at(*, transcript: Transcript, revision: int) -> State:
    """The transcript as it was after an edit: what came later is taken back in thought."""
    state = State(segment_rows(transcript), speaker_rows(transcript))
    for edit in transcript.edits.filter(revision__gt=revision).order_by("-revision"):
        changes.apply(state.segments, changes.inverted(segment_changes(edit)))
        changes.apply(state.speakers, changes.inverted(speaker_changes(edit)))
    return state


def segment_changes(edit: TranscriptEdit) -> list[Change]:
    return [Change.from_json(value) for value in edit.segments]


def speaker_changes(edit: TranscriptEdit) -> list[Change]:
    return [Change.from_json(value) for value in edit.speakers]


# Writing -------------------------------------------------------------------------------------------------------------


def net_of(transcript: Transcript, plan: Plan) -> Plan:
    """What it comes to, one change a row. Raises EditConflict where a row is not as it expects."""
    return Plan(_net_of_segments(transcript, plan), _net_of_speakers(transcript, plan))


def write(transcript: Transcript, by: By, kind: EditKind, net: Plan) -> TranscriptEdit | None:
    """Change the rows and note it in the log, in the transaction that holds the transcript; None if that is nothing."""
    if not net.segments and not net.speakers:
        return None
    transcript.revision += 1
    transcript.save(update_fields=["revision"])
    _keep_machine_rows(transcript, net.segments)
    _write_segments(transcript, net.segments)
    _write_speakers(transcript, net.speakers)
    return TranscriptEdit.objects.create(
        transcript=transcript,
        revision=transcript.revision,
        user=by.user,
        kind=kind,
        request=by.request,
        group=by.group,
        segments=[change.as_json() for change in net.segments],
        speakers=[change.as_json() for change in net.speakers],
    )


def _net_of_segments(transcript: Transcript, plan: Plan) -> list[Change]:
    rows = segment_rows(transcript, {change.number for change in plan.segments})
    try:
        return changes.net(rows, plan.segments)
    except Stale as stale:
        now = transcript.segments.filter(index=stale.number).first()
        details = {"text": now.text, "revision": now.revision} if now else {"text": None, "revision": 0}
        raise EditConflict(CHANGED_SINCE, index=stale.number, **details) from stale


def _net_of_speakers(transcript: Transcript, plan: Plan) -> list[Change]:
    try:
        return changes.net(speaker_rows(transcript), plan.speakers)
    except Stale as stale:
        raise EditConflict(
            gettext("Somebody else has named or joined this speaker since. Nothing was changed.")
        ) from stale


def _keep_machine_rows(transcript: Transcript, segments: Sequence[Change]) -> None:
    touched = [change.number for change in segments if change.before is not None]
    untouched = transcript.segments.filter(index__in=touched, revision=0).values_list("index", *FIELDS)
    MachineSegment.objects.bulk_create(
        [
            MachineSegment(transcript=transcript, index=index, row=dict(zip(FIELDS, values, strict=True)))
            for index, *values in untouched
        ],
        ignore_conflicts=True,
    )


def _write_segments(transcript: Transcript, segments: Sequence[Change]) -> None:
    gone = [change.number for change in segments if change.after is None]
    new = [change for change in segments if change.before is None]
    rest = {
        change.number: change.after for change in segments if change.before is not None and change.after is not None
    }
    transcript.segments.filter(index__in=gone).delete()
    TranscriptSegment.objects.bulk_create(
        TranscriptSegment(
            transcript=transcript, index=change.number, revision=transcript.revision, **(change.after or {})
        )
        for change in new
    )
    rows = list(transcript.segments.filter(index__in=rest).defer("decoding"))
    for row in rows:
        row.revision = transcript.revision
        for name, value in rest[row.index].items():
            setattr(row, name, value)
    names = sorted({name for after in rest.values() for name in after})
    if rows:
        TranscriptSegment.objects.bulk_update(rows, ["revision", *names], batch_size=500)


def _write_speakers(transcript: Transcript, speakers: Sequence[Change]) -> None:
    for change in speakers:
        if change.after is None:
            transcript.speakers.filter(number=change.number).delete()
        else:
            Speaker.objects.update_or_create(transcript=transcript, number=change.number, defaults=change.after)
