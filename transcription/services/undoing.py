"""Corrections taken back and done again: each person's own, as one more edit in the log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext

from accounts.models import User
from transcription.editing import changes, passages
from transcription.editing.changes import Change, Row, Rows
from transcription.enums import EditKind
from transcription.errors import EditConflict, NothingToRedo, NothingToUndo
from transcription.models import Transcript, TranscriptEdit
from transcription.services import edits
from transcription.services.edits import By, Plan

_TIMED = frozenset({"start", "end", "words"})
"""What of a passage says when it is spoken."""


def undo(*, transcript_id: int, by: By) -> TranscriptEdit | None:
    """Take back what this person did last, with as much of its group as nobody else has changed since.

    None if all that there was to take back came to nothing anyway.
    Raises NothingToUndo, and EditConflict where somebody else has changed the same rows, or taken their place.
    """
    with transaction.atomic():
        transcript = edits.hold(transcript_id)
        if done := edits.done_before(transcript, by, EditKind.UNDO):
            return done
        mine = transcript.edits.own_steps(by.user).done()
        steps = _of_group(mine, mine.order_by("-revision").first())
        if not steps:
            raise NothingToUndo
        edit = None
        while steps and edit is None:  # steps that come to nothing, such as a word written and taken out, are passed by
            edit = _take_back_what_fits(transcript, by, steps)
            steps = _of_group(mine, mine.order_by("-revision").first())
        return edit


def _take_back_what_fits(transcript: Transcript, by: By, steps: list[TranscriptEdit]) -> TranscriptEdit | None:
    while len(steps) > 1:
        with suppress(EditConflict):
            return _take_back(transcript, by, steps)
        steps = steps[1:]  # within the group, somebody else has written between: what came before that stays
    return _take_back(transcript, by, steps)


def _take_back(transcript: Transcript, by: By, steps: list[TranscriptEdit]) -> TranscriptEdit | None:
    plan = Plan(
        [change for step in reversed(steps) for change in changes.inverted(edits.segment_changes(step))],
        [change for step in reversed(steps) for change in changes.inverted(edits.speaker_changes(step))],
    )
    return _move(transcript, by, EditKind.UNDO, steps, plan)


def redo(*, transcript_id: int, by: By) -> TranscriptEdit | None:
    """Do again what was taken back last, unless this person did something else since. Raises as ``undo`` does."""
    with transaction.atomic():
        transcript = edits.hold(transcript_id)
        if done := edits.done_before(transcript, by, EditKind.REDO):
            return done
        steps = _undone_steps(transcript, by.user)
        if not steps:
            raise NothingToRedo
        edit = None
        while steps and edit is None:
            plan = Plan(
                [change for step in steps for change in edits.segment_changes(step)],
                _not_there_yet(transcript, [change for step in steps for change in edits.speaker_changes(step)]),
            )
            edit = _move(transcript, by, EditKind.REDO, steps, plan)
            steps = _undone_steps(transcript, by.user)
        return edit


def possible_steps(*, transcript: Transcript, user: User) -> dict[str, bool]:
    """``can_undo`` and ``can_redo``, for this person."""
    newest = transcript.edits.own_steps(user).aggregate(
        done=Max("revision", filter=Q(undone_revision=None)), step=Max("revision"), undone=Max("undone_revision")
    )
    return {
        "can_undo": newest["done"] is not None,
        "can_redo": newest["undone"] is not None and newest["undone"] >= newest["step"],
    }


def _undone_steps(transcript: Transcript, user: User) -> list[TranscriptEdit]:
    """What was taken back before this person's newest step was made has been given up, whatever became of that step."""
    mine = transcript.edits.own_steps(user)
    undone = mine.filter(undone_revision__gte=mine.aggregate(newest=Max("revision"))["newest"] or 0)
    return _of_group(undone, undone.order_by("revision").first())


def _of_group(mine: QuerySet[TranscriptEdit], step: TranscriptEdit | None) -> list[TranscriptEdit]:
    """All steps that go with one, oldest first."""
    if step is None or step.group is None:
        return [step] if step else []
    return list(mine.filter(group=step.group).order_by("revision"))


def _move(
    transcript: Transcript, by: By, kind: EditKind, steps: list[TranscriptEdit], plan: Plan
) -> TranscriptEdit | None:
    net = _with_speakers_in_use(transcript, edits.net_of(transcript, plan))
    _refuse_lost_places(transcript, net, steps)
    edit = edits.write(transcript, by, kind, net)
    undone = transcript.revision if kind == EditKind.UNDO else None
    TranscriptEdit.objects.filter(pk__in=[step.pk for step in steps]).update(undone_revision=undone)
    return edit


def _with_speakers_in_use(transcript: Transcript, net: Plan) -> Plan:
    """A speaker whom others have chosen meanwhile for other passages stays when the naming is taken back."""
    gone = {change.number for change in net.speakers if change.after is None}
    left = [change.number for change in net.segments if change.after is None or "speaker" in change.after]
    speaking = transcript.segments.filter(speaker__in=gone).exclude(index__in=left)
    in_use = set(speaking.values_list("speaker", flat=True))
    return Plan(net.segments, [change for change in net.speakers if change.after or change.number not in in_use])


def _not_there_yet(transcript: Transcript, speakers: list[Change]) -> list[Change]:
    """Without the naming of those who stayed when it was taken back."""
    known = edits.speaker_rows(transcript)
    return [change for change in speakers if change.before is not None or known.get(change.number) != change.after]


def _refuse_lost_places(transcript: Transcript, net: Plan, steps: Sequence[TranscriptEdit]) -> None:
    """What comes back comes to where it was: not into time that its neighbours have taken meanwhile, nor words out of
    a passage that has other times by now, nor to a speaker who is gone, whose number may be another's some day.
    Raises EditConflict.
    """
    known = changes.applied(edits.speaker_rows(transcript), net.speakers)
    if any(each.after and each.after.get("speaker") not in {None, *known} for each in net.segments):
        raise EditConflict(gettext("Its speaker has been joined with another since. It stays as it is now."))
    _refuse_lost_words(transcript, net, since=steps[0].revision)
    if not any(map(passages.is_moved, net.segments)):
        return
    rows: Rows = {
        index: {"rank": rank, "start": start, "end": end}
        for index, rank, start, end in transcript.segments.values_list("index", "rank", "start", "end")
    }
    for number, neighbour in passages.crowded(rows, net.segments):
        if any(passages.is_moved(each) for each in net.segments if each.number == neighbour):
            is_lost = not _were_together(steps, number, neighbour)
        else:
            is_lost = _has_moved(transcript, neighbour, rows[neighbour], steps[0].revision)
        if is_lost:
            raise EditConflict(
                gettext("The passages around it have been joined or moved since. They stay as they are now."),
                index=number,
            )


def _refuse_lost_words(transcript: Transcript, net: Plan, *, since: int) -> None:
    """Words and times of a passage may have been changed one after the other: they must still fit."""
    partial = {each.number: each.after for each in net.segments if each.before and each.after}
    timed = {number: after for number, after in partial.items() if not _TIMED.isdisjoint(after)}
    for number, row in edits.segment_rows(transcript, timed).items():
        others = _TIMED.difference(timed[number])
        if passages.holds_its_words(row | timed[number]) or not others:
            continue
        if edits.changed_since(transcript, number, since, *others):
            now = transcript.segments.get(index=number)
            raise EditConflict(edits.CHANGED_SINCE, index=number, text=now.text, revision=now.revision)


def _were_together(steps: Iterable[TranscriptEdit], *numbers: int) -> bool:
    """Whether one of the steps changed them all: then they stood so beside each other."""
    return any({change.number for change in edits.segment_changes(step)}.issuperset(numbers) for step in steps)


def _has_moved(transcript: Transcript, number: int, now: Row, revision: int) -> bool:
    """Whether a passage was made after a revision, or had other times then."""
    then: Row = {}
    for edit in transcript.edits.filter(revision__gt=revision).order_by("revision"):
        for change in edits.segment_changes(edit):
            if change.number == number and change.before is None and not then:
                return True
            if change.number == number and change.before:
                then = change.before | then
    return any(now[name] != then.get(name, now[name]) for name in ("start", "end"))
