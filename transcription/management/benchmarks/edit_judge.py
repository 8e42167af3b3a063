"""Whether a transcript is what its editors were told: nothing lost, nothing overwritten unseen, all replayed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from transcription.editing import changes
from transcription.editing.changes import Row, Rows, Stale
from transcription.editing.passages import Refused, clean_text, has_times, read_words
from transcription.enums import EditKind
from transcription.management.benchmarks.edit_journal import Journal
from transcription.models import Transcript, TranscriptEdit
from transcription.services import edits

SAMPLED = 20
"""States that are also asked of the product itself, which goes back from the present ones."""
CLOCK = 0.0015
"""Seconds: times are kept to the millisecond."""
TEXTS = {EditKind.TEXT, EditKind.SPLIT, EditKind.MERGE, EditKind.DELETE, EditKind.CONFIRM, EditKind.REPLACE}
"""Kinds whose authors had the text before their eyes."""


@dataclass(slots=True)
class Verdict:
    """Counts of what was checked, and all that is wrong."""

    revisions: int = 0
    passages: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    conflicts: int = 0
    typed: int = 0
    given_up: int = 0
    problems: dict[str, list[str]] = field(default_factory=dict)
    """What is wrong, by what was asked."""

    def find(self, question: str, wrong: Iterable[str]) -> None:
        self.problems[question] = list(wrong)

    @property
    def is_good(self) -> bool:
        return not any(self.problems.values())


class Log:
    """All edits of a transcript, in order, and the rows as they were after each, from the machine's on."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = Transcript.objects.get(pk=transcript.pk)
        self.edits: list[TranscriptEdit] = list(self.transcript.edits.order_by("revision"))
        self.by_request = {str(edit.request): edit for edit in self.edits}
        self.present, self.speakers = edits.segment_rows(self.transcript), edits.speaker_rows(self.transcript)
        self.states: dict[int, Rows] = {self._first: edits.machine_rows(self.transcript)}
        self.speaker_states: dict[int, Rows] = {self._first: {}}
        self.stale: list[str] = []
        for edit in self.edits:
            self._replay(edit)

    @property
    def _first(self) -> int:
        return self.edits[0].revision - 1 if self.edits else self.transcript.revision

    def _replay(self, edit: TranscriptEdit) -> None:
        before = max(self.states)
        if edit.revision != before + 1:
            self.stale.append(f"{edit} follows revision {before}")
        rows, speakers = dict(self.states[before]), dict(self.speaker_states[before])
        try:
            changes.apply(rows, edits.segment_changes(edit))
            changes.apply(speakers, edits.speaker_changes(edit))
        except Stale as stale:
            self.stale.append(f"{edit} does not fit passage {stale.number}")
        self.states[edit.revision], self.speaker_states[edit.revision] = rows, speakers

    def text(self, revision: int, index: int) -> str | None:
        row = self.states.get(revision, {}).get(index)
        return row["text"] if row else None

    def written(self) -> Iterable[str]:
        """Every text that a passage was given."""
        for edit in self.edits:
            for change in edits.segment_changes(edit):
                if change.after and "text" in change.after:
                    yield change.after["text"]


def judge(log: Log, journals: Mapping[str, Journal], *, requests: set[str]) -> Verdict:
    """``journals`` are those of the people, by who; ``requests`` are the names of all edits that were ever sent."""
    everybody = list(journals.values())
    verdict = Verdict(
        revisions=len(log.edits),
        passages=len(log.present),
        kinds=Counter(edit.kind for edit in log.edits),
        acknowledged=sum(len(each.acknowledged) for each in everybody),
        conflicts=sum(len(each.told) for each in everybody),
        typed=sum(len(each.typed) for each in everybody),
        given_up=sum(len(each.given_up) for each in everybody),
    )
    verdict.find("the log replays to the present rows", [*log.stale, *_ends_otherwise(log)])
    verdict.find("and goes back to the same states", _goes_back_otherwise(log))
    verdict.find("acknowledged edits are in the log, once", _missing(log, everybody))
    verdict.find("nothing else is in the log", (str(edit) for edit in log.edits if str(edit.request) not in requests))
    verdict.find("what was typed was written, or let go", _lost_words(log, everybody))
    verdict.find("nothing was overwritten unseen", _overwritten(log, everybody))
    verdict.find("conflicts were told with both texts", _told_otherwise(log, everybody))
    verdict.find("word times are in order and in their passage", _bad_times(log))
    verdict.find("passages are in order, with known speakers", _bad_order(log))
    return verdict


def _ends_otherwise(log: Log) -> Iterable[str]:
    last = log.edits[-1].revision if log.edits else log.transcript.revision
    if last != log.transcript.revision:
        yield f"the transcript is at revision {log.transcript.revision}, its log at {last}"
    if log.states[last] != log.present:
        yield f"passages {_differing(log.states[last], log.present)} differ"
    if log.speaker_states[last] != log.speakers:
        yield f"speakers {_differing(log.speaker_states[last], log.speakers)} differ"


def _goes_back_otherwise(log: Log) -> Iterable[str]:
    rows = dict(log.present)
    for edit in reversed(log.edits):
        try:
            changes.apply(rows, changes.inverted(edits.segment_changes(edit)))
        except Stale as stale:
            yield f"{edit} cannot be taken back from passage {stale.number}"
            return
        then = log.states.get(edit.revision - 1, {})
        if rows != then:
            yield f"before {edit}: {_differing(rows, then)}"
    step = max(1, len(log.edits) // SAMPLED)
    for edit in log.edits[::step]:
        state = edits.state_at(transcript=log.transcript, revision=edit.revision)
        if (state.segments, state.speakers) != (log.states[edit.revision], log.speaker_states[edit.revision]):
            yield f"state at {edit}: {_differing(state.segments, log.states[edit.revision])}"


def _differing(some: Rows, other: Rows) -> list[int]:
    return [number for number in sorted({*some, *other}) if some.get(number) != other.get(number)]


def _missing(log: Log, journals: Sequence[Journal]) -> Iterable[str]:
    for journal in journals:
        for request, revision in journal.acknowledged.items():
            edit = log.by_request.get(request)
            if edit is None:
                yield f"{request}, acknowledged as revision {revision}, is not there"
                continue
            if edit.revision != revision:
                yield f"{edit} was acknowledged as revision {revision}"
            sent = journal.sent[request].body
            if sent["kind"] == EditKind.TEXT and log.text(revision, sent["index"]) != _cleaned(sent["text"]):
                yield f"{edit} has another text than was sent"
            if sent["kind"] == EditKind.TIMES and not _has_times(log.states.get(revision, {}), sent):
                yield f"{edit} has other times than were sent"


def _has_times(rows: Rows, sent: Mapping[str, Any]) -> bool:
    row = rows.get(sent["index"])
    return row is not None and has_times(row, **{name: sent.get(name, row[name]) for name in ("start", "end")})


def _cleaned(text: str) -> str:
    try:
        return clean_text(text)
    except Refused:
        return ""


def _lost_words(log: Log, journals: Sequence[Journal]) -> Iterable[str]:
    written = "\n".join(log.written())
    for journal in journals:
        let_go = "\n".join(journal.given_up)
        yield from (word for word in sorted(journal.typed) if word not in written and word not in let_go)


def _overwritten(log: Log, journals: Sequence[Journal]) -> Iterable[str]:
    """An edit that changed a passage with another text than its author had seen there."""
    for journal in journals:
        for request, sent in journal.sent.items():
            edit = log.by_request.get(request)
            if edit is None or edit.kind not in TEXTS:
                continue
            for index, seen in sent.seen.items():
                before = log.text(edit.revision - 1, index)
                if before not in seen:
                    yield f"{edit}, passage {index}: seen {seen!r}, was {before!r}"


def _told_otherwise(log: Log, journals: Sequence[Journal]) -> Iterable[str]:
    for journal in journals:
        for told in journal.told:
            if told.text is None:
                if not any(told.index not in log.states[n] for n in log.states if n > told.base):
                    yield f"passage {told.index} was said to be gone after revision {told.base}, and never was"
            elif log.text(told.revision, told.index) != told.text:
                yield f"passage {told.index} was told as {told.text!r} at revision {told.revision}, and was not"


def _bad_times(log: Log) -> Iterable[str]:
    looked_at: set[int] = set()
    for revision, rows in log.states.items():
        for index, row in rows.items():
            if id(row) not in looked_at and (wrong := _wrong_in(row)):
                yield f"revision {revision}, passage {index}: {wrong}"
            looked_at.add(id(row))


def _wrong_in(row: Row) -> str:
    words = read_words(row)
    times = [time for word in words for time in (word.start, word.end)]
    if any(after < before - CLOCK for before, after in pairwise(times)):
        return "times go back"
    if times and (times[0] < row["start"] - CLOCK or times[-1] > row["end"] + CLOCK):
        return "words outside"
    if words and " ".join("".join(word.text for word in words).split()) != " ".join(row["text"].split()):
        return "the words are not the text"
    return ""


def _bad_order(log: Log) -> Iterable[str]:
    for revision, rows in log.states.items():
        order = sorted(rows, key=lambda index: (rows[index]["rank"], index))
        for upper, lower in pairwise(order):
            if rows[upper]["end"] > rows[lower]["start"] + CLOCK:
                yield f"revision {revision}: passage {upper} reaches into {lower}"
            if rows[upper]["rank"] == rows[lower]["rank"]:
                yield f"revision {revision}: passages {upper} and {lower} have one place"
        unknown = {row["speaker"] for row in rows.values()} - {None, *log.speaker_states[revision]}
        if unknown:
            yield f"revision {revision}: unknown speakers {sorted(unknown)}"
