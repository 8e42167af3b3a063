"""Corrections of passages. Each is one edit in the log (see ``edits``), and changes only what it was made for.

``revision`` is that of the passage as the person saw it: another one means that somebody was quicker, and raises
EditConflict with the text as it is now. Nothing is ever overwritten unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from django.db.models import Max, Min, Q
from django.utils.translation import gettext, gettext_lazy

from transcription.editing import passages
from transcription.editing.changes import Row, changed, taken
from transcription.editing.passages import Refused
from transcription.enums import EditKind
from transcription.errors import BadRequest, EditConflict, WrongState
from transcription.models import Transcript, TranscriptEdit, TranscriptSegment
from transcription.services import edits, numbering
from transcription.services.edits import By, Plan
from transcription.speech.captions.clock import exact_clock

T = TypeVar("T")
LATEST = 1e6
"""Seconds: more than eleven days, for recordings whose length is not known."""
TOO_LONG = gettext_lazy("This is too long for one passage: 10,000 characters are the most. Split it.")


def change_text(*, transcript_id: int, by: By, index: int, revision: int, text: str) -> TranscriptEdit | None:
    """Give a passage another text; None if it has that text already, whoever wrote it."""
    words = _refusing(lambda: passages.clean_text(text)).split()  # lines may be those that the passage had

    def is_same(edit: TranscriptEdit) -> bool:
        found = (change.after or {} for change in edits.segment_changes(edit) if change.number == index)
        return any(str(after.get("text", "")).split() == words for after in found)

    def plan(transcript: Transcript) -> Plan:
        row = _row(transcript, index)
        change = _refusing(lambda: passages.text_changed(index, row, text))
        if not change.after:
            return Plan()
        _check(transcript, index, revision)
        return Plan([change])

    return edits.commit(transcript_id=transcript_id, by=by, kind=EditKind.TEXT, plan=plan, is_same=is_same)


def split_passage(
    *, transcript_id: int, by: By, index: int, revision: int, text: str, at: int
) -> TranscriptEdit | None:
    """Two passages out of one at a character of its text, which may have been corrected in the same breath."""

    def plan(transcript: Transcript) -> Plan:
        row = _row(transcript, index)
        _check(transcript, index, revision)
        number, rank = numbering.next_number(transcript), _rank_below(transcript, index, row)
        parts = _refusing(lambda: passages.split(index, row, text=text, at=at, new_number=number, new_rank=rank))
        return Plan(parts)

    return edits.commit(
        transcript_id=transcript_id, by=by, kind=EditKind.SPLIT, plan=plan, is_same=edits.changing(index)
    )


def merge_up(*, transcript_id: int, by: By, index: int, revision: int) -> TranscriptEdit | None:
    """Join a passage to the one above it, which keeps its number."""

    def plan(transcript: Transcript) -> Plan:
        row = _row(transcript, index)
        _check(transcript, index, revision)
        above = transcript.segments.filter(_before(index, row)).order_by("-rank", "-index").first()
        if above is None:
            raise WrongState(gettext("There is no passage above this one."))
        upper = (above.index, _row(transcript, above.index))
        return Plan(_refusing(lambda: passages.merge(upper, (index, row))))

    return edits.commit(transcript_id=transcript_id, by=by, kind=EditKind.MERGE, plan=plan, is_same=edits.taking(index))


def delete_passage(*, transcript_id: int, by: By, index: int, revision: int) -> TranscriptEdit | None:
    """Take a passage out. It can be brought back by undoing, or from an earlier state."""

    def plan(transcript: Transcript) -> Plan:
        row = _row(transcript, index)
        _check(transcript, index, revision)
        return Plan([taken(index, row)])

    return edits.commit(
        transcript_id=transcript_id, by=by, kind=EditKind.DELETE, plan=plan, is_same=edits.taking(index)
    )


def confirm_passage(*, transcript_id: int, by: By, index: int, revision: int) -> TranscriptEdit | None:
    """Somebody has listened: nothing in the passage is doubtful any more."""

    def plan(transcript: Transcript) -> Plan:
        row = _row(transcript, index)
        _check(transcript, index, revision)
        return Plan([changed(index, row, **passages.confirmed(row))])

    return edits.commit(
        transcript_id=transcript_id, by=by, kind=EditKind.CONFIRM, plan=plan, is_same=edits.changing(index)
    )


def change_times(
    *, transcript_id: int, by: By, index: int, revision: int, start: float | None = None, end: float | None = None
) -> TranscriptEdit | None:
    """Say from when to when a passage is spoken, in seconds; None stays. Its words are fitted into that.

    None if it has these times already, whoever set them. Raises BadRequest for times that its neighbours or the
    recording do not leave it, and EditConflict, which has them, if its times have changed since ``revision``.
    """
    if not all(0 <= time <= LATEST for time in (start, end) if time is not None):  # false for NaN, too
        raise BadRequest(gettext("This is no time of a recording."))

    def plan(transcript: Transcript) -> Plan:
        row = _row(transcript, index)
        times = {"start": row["start"] if start is None else start, "end": row["end"] if end is None else end}
        if passages.has_times(row, **times):
            return Plan()
        _check_times(transcript, index, revision, row)
        room = _room(transcript, index, row)
        try:
            return Plan([passages.times_changed(index, row, **times, room=room)])
        except Refused as refused:
            changed = "start" if end is None else "end"
            raise _no_room(refused, *passages.widened(room, row), changed=changed) from refused

    return edits.commit(
        transcript_id=transcript_id, by=by, kind=EditKind.TIMES, plan=plan, is_same=edits.changing(index)
    )


def _room(transcript: Transcript, index: int, row: Row) -> tuple[float, float]:
    """From when to when a passage may last: what its neighbours and the recording leave it."""
    before = _before(index, row)
    above = transcript.segments.filter(before).aggregate(time=Max("end"))["time"]
    below = transcript.segments.exclude(before | Q(index=index)).aggregate(time=Min("start"))["time"]
    ends = [time for time in (below, transcript.recording.duration) if time is not None]
    return above or 0.0, min(ends, default=LATEST)


def _check_times(transcript: Transcript, index: int, revision: int, row: Row) -> None:
    edits.require_revision(transcript, revision)
    if edits.changed_since(transcript, index, revision, "start", "end"):
        now = {name: row[name] for name in ("text", "start", "end")}
        shown = {name: exact_clock(row[name]) for name in ("start", "end")}
        message = gettext(
            "Somebody else has changed these times: they are %(start)s to %(end)s now. Save again to set yours."
        )
        newest = transcript.segments.get(index=index).revision
        raise EditConflict(message % shown, index=index, revision=newest, **now)


def _no_room(refused: Refused, least: float, most: float, *, changed: str) -> BadRequest:
    """``field`` says which time is wrong; of a passage too short, the one that was ``changed``."""
    if refused.code == "too_short":
        return BadRequest(gettext("A passage must last a tenth of a second at least."), field=changed)
    if refused.code == "too_early":
        message = gettext("This passage can begin at %(time)s at the earliest, because of the one above.") % {
            "time": exact_clock(least)
        }
    else:
        message = gettext(
            "This passage can end at %(time)s at the latest, because of the one below or the recording's end."
        )
        message %= {"time": exact_clock(most)}
    return BadRequest(message, field="start" if refused.code == "too_early" else "end")


# What all of them ask for --------------------------------------------------------------------------------------------


def _row(transcript: Transcript, index: int) -> Row:
    rows = edits.segment_rows(transcript, [index])
    if index not in rows:
        raise edits.gone(transcript, index)
    return rows[index]


def _check(transcript: Transcript, index: int, revision: int) -> None:
    require_unchanged(transcript, {index: revision})


def require_unchanged(transcript: Transcript, revisions: Mapping[int, int]) -> None:
    """Of passages by number, the revisions as somebody saw them. Raises EditConflict where the text has changed."""
    now = {row.index: row for row in transcript.segments.filter(index__in=revisions).only("index", "text", "revision")}
    for index, revision in revisions.items():
        edits.require_revision(transcript, revision)
        row: TranscriptSegment | None = now.get(index)
        if row is None:
            raise edits.gone(transcript, index)
        # Another speaker, say, is no reason to refuse a correction of the text.
        if row.revision != revision and edits.changed_since(transcript, index, revision, "text"):
            raise EditConflict(index=index, text=row.text, revision=row.revision)


def _before(index: int, row: Row) -> Q:
    return Q(rank__lt=row["rank"]) | Q(rank=row["rank"], index__lt=index)


def _rank_below(transcript: Transcript, index: int, row: Row) -> float:
    """Between a passage and the next, also one that was taken out: it may come back.

    Halves can be halved some fifty times: more often than anybody splits.
    """
    following = numbering.rank_behind(transcript, index, row["rank"])
    rank = float(row["rank"]) + 1 if following is None else (row["rank"] + following) / 2
    if following is not None and not row["rank"] < rank < following:
        raise BadRequest(gettext("This passage was split too often. Join some of its parts first."))
    return rank


def _refusing(make: Callable[[], T]) -> T:
    try:
        return make()
    except Refused as refused:
        raise bad_request(refused) from refused


def bad_request(refused: Refused) -> BadRequest:
    """What an operation on passages refused, in words."""
    messages = {
        "empty": gettext("A passage needs some text. To take it out, delete it."),
        "too_long": TOO_LONG,
        "one_sided": gettext("There is no text on one side of this place."),
    }
    return BadRequest(messages[refused.code])
