"""The log of edits: each is written once, in one transaction with the rows that it changes, and can be taken back."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext

from accounts.models import User
from transcription.editing import changes
from transcription.editing.changes import Change, Rows, Stale
from transcription.editing.passages import FIELDS
from transcription.enums import EditKind
from transcription.errors import EditConflict, NothingToRedo, NothingToUndo, WrongState
from transcription.models import MachineSegment, Speaker, Transcript, TranscriptEdit, TranscriptSegment


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


def commit(*, transcript_id: int, by: By, kind: EditKind, plan: Callable[[Transcript], Plan]) -> TranscriptEdit | None:
    """Carry out what ``plan`` says of the transcript, whose row is locked meanwhile; None if that is nothing.

    Raises WrongState for a transcript that is still being written, and what ``plan`` raises.
    """
    with transaction.atomic():
        transcript = hold(transcript_id)
        done = transcript.edits.filter(request=by.request).first()
        return done or _write(transcript, by, kind, plan(transcript))


def hold(transcript_id: int) -> Transcript:
    """Lock a transcript for an edit. Call inside a transaction."""
    transcript: Transcript = Transcript.objects.select_for_update(no_key=True).get(pk=transcript_id)
    if not transcript.is_complete:
        raise WrongState(gettext("This text is still being written. It can be corrected once it is complete."))
    return transcript


def undo(*, transcript_id: int, by: By) -> TranscriptEdit:
    """Take back what this person did last, with all of its group.

    Raises NothingToUndo, and EditConflict where somebody else has changed the same rows since.
    """
    with transaction.atomic():
        transcript = hold(transcript_id)
        if done := transcript.edits.filter(request=by.request).first():
            return done
        mine = transcript.edits.own_steps(by.user).filter(is_undone=False)
        steps = _of_group(mine, mine.order_by("-revision").first())
        if not steps:
            raise NothingToUndo
        plan = Plan(
            [change for step in reversed(steps) for change in changes.inverted(segment_changes(step))],
            [change for step in reversed(steps) for change in changes.inverted(speaker_changes(step))],
        )
        return _move(transcript, by, EditKind.UNDO, steps, plan)


def redo(*, transcript_id: int, by: By) -> TranscriptEdit:
    """Do again what was taken back last, unless this person did something else since. Raises as ``undo`` does."""
    with transaction.atomic():
        transcript = hold(transcript_id)
        if done := transcript.edits.filter(request=by.request).first():
            return done
        steps = _undone_steps(transcript, by.user)
        if not steps:
            raise NothingToRedo
        plan = Plan(
            [change for step in steps for change in segment_changes(step)],
            [change for step in steps for change in speaker_changes(step)],
        )
        return _move(transcript, by, EditKind.REDO, steps, plan)


def possible_steps(*, transcript: Transcript, user: User) -> dict[str, bool]:
    """``can_undo`` and ``can_redo``, for this person."""
    done, undone = (Max("revision", filter=Q(is_undone=is_undone)) for is_undone in (False, True))
    newest = transcript.edits.own_steps(user).aggregate(done=done, undone=undone)
    return {
        "can_undo": newest["done"] is not None,
        "can_redo": newest["undone"] is not None and newest["undone"] > (newest["done"] or 0),
    }


def _undone_steps(transcript: Transcript, user: User) -> list[TranscriptEdit]:
    mine = transcript.edits.own_steps(user)
    newest = mine.filter(is_undone=False).aggregate(newest=Max("revision"))["newest"] or 0
    undone = mine.filter(is_undone=True, revision__gt=newest)
    return _of_group(undone, undone.order_by("revision").first())


def _of_group(mine: QuerySet[TranscriptEdit], step: TranscriptEdit | None) -> list[TranscriptEdit]:
    """All steps that go with one, oldest first."""
    if step is None or step.group is None:
        return [step] if step else []
    return list(mine.filter(group=step.group).order_by("revision"))


def _move(transcript: Transcript, by: By, kind: EditKind, steps: list[TranscriptEdit], plan: Plan) -> TranscriptEdit:
    edit = _write(transcript, by, kind, plan)
    TranscriptEdit.objects.filter(pk__in=[step.pk for step in steps]).update(is_undone=kind == EditKind.UNDO)
    assert edit is not None  # noqa: S101 -- steps without changes are never written
    return edit


# Rows ----------------------------------------------------------------------------------------------------------------


def segment_rows(transcript: Transcript, indexes: Iterable[int] | None = None) -> Rows:
    """Segments as rows by number: those named, or all."""
    found = transcript.segments.all() if indexes is None else transcript.segments.filter(index__in=list(indexes))
    return {index: dict(zip(FIELDS, values, strict=True)) for index, *values in found.values_list("index", *FIELDS)}


def speaker_rows(transcript: Transcript) -> Rows:
    return {number: {"name": name} for number, name in transcript.speakers.values_list("number", "name")}


def machine_rows(transcript: Transcript) -> Rows:
    """What the engine wrote: rows that nobody changed, and those that were kept when somebody did."""
    untouched = transcript.segments.filter(revision=0)
    rows = {n: dict(zip(FIELDS, values, strict=True)) for n, *values in untouched.values_list("index", *FIELDS)}
    return rows | dict(transcript.machine_segments.values_list("index", "row"))


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


_NUMBERS = """
    SELECT max(number) FROM (
        SELECT max("index") AS number FROM transcription_transcriptsegment WHERE transcript_id = %(transcript)s
        UNION ALL SELECT max("index") FROM transcription_machinesegment WHERE transcript_id = %(transcript)s
        UNION ALL SELECT max((change->>0)::int)
            FROM transcription_transcriptedit, jsonb_array_elements(segments) AS change
            WHERE transcript_id = %(transcript)s
    ) AS numbers
"""


def next_number(transcript: Transcript) -> int:
    """For a new passage: one that no passage of the transcript ever had."""
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS, {"transcript": transcript.pk})
        newest = cursor.fetchone()[0]
    return 0 if newest is None else int(newest) + 1


# Writing -------------------------------------------------------------------------------------------------------------


def _write(transcript: Transcript, by: By, kind: EditKind, plan: Plan) -> TranscriptEdit | None:
    segments = _net(segment_rows(transcript, {change.number for change in plan.segments}), plan.segments)
    speakers = _net(speaker_rows(transcript), plan.speakers)
    if not segments and not speakers:
        return None
    transcript.revision += 1
    transcript.save(update_fields=["revision"])
    _keep_machine_rows(transcript, segments)
    _write_segments(transcript, segments)
    _write_speakers(transcript, speakers)
    return TranscriptEdit.objects.create(
        transcript=transcript,
        revision=transcript.revision,
        user=by.user,
        kind=kind,
        request=by.request,
        group=by.group,
        segments=[change.as_json() for change in segments],
        speakers=[change.as_json() for change in speakers],
    )


def _net(rows: Rows, planned: Sequence[Change]) -> list[Change]:
    """What the changes come to, one change a row. Raises EditConflict where a row is not as they expect."""
    new = dict(rows)
    try:
        changes.apply(new, planned)
    except Stale as stale:
        raise EditConflict(
            gettext("Somebody else has changed the same passage since. It stays as it is now.")
        ) from stale
    return changes.difference({n: rows[n] for n in rows}, new)


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
