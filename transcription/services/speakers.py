"""Who speaks in a transcript: chosen for passages, named, joined, removed. Each is an edit as of text."""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import groupby
from operator import itemgetter

from django.utils.translation import gettext

from transcription.editing.changes import Change, Rows, changed, made, taken
from transcription.enums import EditKind
from transcription.errors import BadRequest, WrongState
from transcription.models import Speaker, Transcript, TranscriptEdit
from transcription.services import edits
from transcription.services.edits import By, Plan
from transcription.services.recordings import clean_line

LONGEST_NAME = 100
MOST_SPEAKERS = 100


def assign_speaker(
    *,
    transcript_id: int,
    by: By,
    indexes: Collection[int],
    turn: bool = False,
    number: int | None = None,
    name: str = "",
) -> TranscriptEdit | None:
    """Say who speaks in some passages: a known speaker by ``number``, a new one by ``name``, or nobody (neither).

    With ``turn`` also in those around each that belong to the same turn. A name that a speaker has already means that
    speaker. Raises WrongState for a number that is not known, and EditConflict where a passage is no more.
    """

    def plan(transcript: Transcript) -> Plan:
        known = edits.speaker_rows(transcript)
        new: list[Change] = []
        chosen = number
        if name:
            chosen, new = _named(known, _clean(name))
        elif number is not None and number not in known:
            raise WrongState(gettext("This speaker is no longer there."))
        rows = edits.segment_rows(transcript, {*indexes, *(_turns(transcript, indexes) if turn else ())})
        for index in indexes:
            if index not in rows:
                raise edits.gone(transcript, index)
        return Plan(
            [changed(index, row, speaker=chosen) for index, row in rows.items() if row["speaker"] != chosen], new
        )

    def is_same(edit: TranscriptEdit) -> bool:
        return any(change.number in indexes for change in edits.segment_changes(edit))

    return edits.commit(transcript_id=transcript_id, by=by, kind=EditKind.ASSIGN_SPEAKER, plan=plan, is_same=is_same)


def rename_speaker(*, transcript_id: int, by: By, number: int, name: str) -> TranscriptEdit | None:
    """For all that this speaker says. Raises WrongState where another has the name: join them instead."""
    cleaned = _clean(name)

    def plan(transcript: Transcript) -> Plan:
        known = edits.speaker_rows(transcript)
        _know(known, number)
        if any(row["name"].casefold() == cleaned.casefold() for other, row in known.items() if other != number):
            raise WrongState(gettext("Another speaker has this name. Join the two, if they are one."))
        if known[number]["name"] == cleaned:
            return Plan()
        return Plan(speakers=[changed(number, known[number], name=cleaned)])

    return edits.commit(
        transcript_id=transcript_id, by=by, kind=EditKind.RENAME_SPEAKER, plan=plan, is_same=_changing(number)
    )


def merge_speakers(*, transcript_id: int, by: By, number: int, into: int) -> TranscriptEdit | None:
    """What one speaker says was said by another; the first is no more."""

    def plan(transcript: Transcript) -> Plan:
        _know(edits.speaker_rows(transcript), into)
        if number == into:
            raise BadRequest(gettext("A speaker cannot be joined to itself."))
        return _without(transcript, number, into)

    return edits.commit(
        transcript_id=transcript_id, by=by, kind=EditKind.MERGE_SPEAKERS, plan=plan, is_same=_changing(number)
    )


def remove_speaker(*, transcript_id: int, by: By, number: int) -> TranscriptEdit | None:
    """What this speaker says was said by nobody who is known. Raises WrongState for a number that is not known."""
    return edits.commit(
        transcript_id=transcript_id,
        by=by,
        kind=EditKind.REMOVE_SPEAKER,
        plan=lambda transcript: _without(transcript, number, None),
        is_same=_changing(number),
    )


def _without(transcript: Transcript, number: int, into: int | None) -> Plan:
    known = edits.speaker_rows(transcript)
    _know(known, number)
    spoken = transcript.segments.filter(speaker=number).values_list("index", flat=True)
    rows = edits.segment_rows(transcript, spoken)
    segments = [changed(index, row, speaker=into) for index, row in rows.items()]
    return Plan(segments, [taken(number, known[number])])


def _changing(number: int) -> Callable[[TranscriptEdit], bool]:
    return lambda edit: any(change.number == number for change in edits.speaker_changes(edit))


def names_of(transcript: Transcript) -> dict[int, str]:
    """What to show for each speaker, by number."""
    return {speaker.number: str(speaker) for speaker in transcript.speakers.order_by("number")}


def _turns(transcript: Transcript, indexes: Collection[int]) -> set[int]:
    """All that the same speaker says around each; where nobody is known, from there to where somebody is."""
    named, found = set(indexes), set[int]()
    order = transcript.segments.in_order().values_list("index", "speaker")
    for speaker, group in groupby(order, key=itemgetter(1)):
        turn = [index for index, _ in group]
        first = next((at for at, index in enumerate(turn) if index in named), len(turn))
        found.update(turn if speaker is not None and first < len(turn) else turn[first:])
    return found


def _named(known: Rows, name: str) -> tuple[int, list[Change]]:
    for number, row in known.items():
        if str(Speaker(number=number, name=row["name"])).casefold() == name.casefold():
            return number, []
    if len(known) >= MOST_SPEAKERS:
        raise WrongState(gettext("There are as many speakers as one transcript may have."))
    number = max(known, default=0) + 1
    return number, [made(number, {"name": name})]


def _know(known: Rows, number: int) -> None:
    if number not in known:
        raise WrongState(gettext("This speaker is no longer there."))


def _clean(name: str) -> str:
    cleaned = clean_line(name, limit=LONGEST_NAME)
    if not cleaned:
        raise BadRequest(gettext("Please give the speaker a name."))
    return cleaned
