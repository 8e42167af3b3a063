"""Candidates of a search: the newest passages that match, found in the shorter of two ways.

*By reading* the person's own transcripts from the newest on, until there are enough: for the commonest words, and for
those with little on a server with much. *By the index*, which holds everybody's: at once for rare words, else block by
block from the newest on until there are enough, because half a million places of a common word take longer to gather
than anyone should wait. What Postgres knows of the words says which way is the shorter. Both find the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.db.models.expressions import RawSQL

from transcription.models import Recording, Transcript
from transcription.querysets import RecordingQuerySet
from transcription.services.search_index import BLOCK_BITS, blocks_since
from transcription.services.search_query import SEGMENTS, Query, estimate_matches

CANDIDATES = 1000
"""Passages that are ranked: the newest that match."""
LOOKED = 3000
"""Passages with all words in which these are looked for in a row; hardly anyone reads on for so long ..."""
FEW = 20
"""... unless fewer have them in a row: then all passages are looked at."""
READ_COST, LOOK_UP_COST = 1, 5
"""Microseconds for a segment that is read in order, and for one that the index names, its page being in memory."""
FEW_MATCHES = 3_000
"""Are looked up at once."""


@dataclass(frozen=True, slots=True)
class Way:
    """A statement and its values. Rows: id, recording_id, title, created_at, and whether the passage ``fits``.

    ``most``: it ends after so many rows. ``is_narrow``: only the newest blocks are asked.
    """

    statement: str
    values: list[Any]
    most: int | None = None
    is_narrow: bool = False

    def is_cut(self, looked: int) -> bool:
        """There may be more than the ``looked`` rows that it gave."""
        return self.is_narrow or looked == self.most


def is_enough(query: Query, fitting: int) -> bool:
    return fitting >= FEW if query.has_order else fitting > CANDIDATES


@dataclass(frozen=True, slots=True)
class Said:
    """How a passage must have been said: in a language, by a speaker of that name."""

    language: str = ""
    speaker: str = ""

    def condition(self) -> tuple[str, list[Any]]:
        given = {_IN_LANGUAGE: self.language, _BY_SPEAKER: self.speaker}
        return "".join(each for each, value in given.items() if value), [value for value in given.values() if value]


def find_ways(cursor: Any, library: RecordingQuerySet, query: Query, *, said: Said, is_one: bool) -> Iterator[Way]:
    """One after the other, until the candidates are all or enough: the last finds all.

    ``library``: recordings in which is searched; ``is_one``: it is one recording.
    """
    condition, values = said.condition()
    size = _measure(cursor, library, query)
    if is_one:
        yield _read(library, query, condition, values, most=None)
        return
    if size.reading < size.looking_up:
        yield _read(library, query, condition, values, most=LOOKED if query.has_order else CANDIDATES + 1)
    for where in _narrowings(cursor, size):
        yield _look_up(library, query, condition, values, where)


def _read(library: RecordingQuerySet, query: Query, said: str, values: list[Any], *, most: int | None) -> Way:
    rows, owned = as_sql(library.order_by("-created_at", "-id"))
    shown, states = shown_version()
    statement = _READ.format(library=rows, shown=shown, said=said)
    return Way(statement, [*owned, *states, query.match, query.loose, *values, most, most], most)


def _look_up(library: RecordingQuerySet, query: Query, said: str, values: list[Any], where: str) -> Way:
    rows, owned = as_sql(library.order_by())
    shown, states = shown_version()
    statement = _LOOK_UP.format(library=rows, shown=shown, said=said, narrowed=where)
    most = CANDIDATES + 1
    return Way(statement, [query.match, *values, *owned, *states, most], most, is_narrow=bool(where))


def read_spoken(library: RecordingQuerySet, said: Said) -> Way:
    """All that a speaker said, the newest recordings first."""
    rows, owned = as_sql(library.order_by())
    shown, states = shown_version()
    condition, values = replace(said, speaker="").condition()
    statement = _SPOKEN.format(library=rows, shown=shown, said=condition)
    most = CANDIDATES + 1
    return Way(statement, [*owned, said.speaker, *states, *values, most, most], most)


def as_sql(library: RecordingQuerySet) -> tuple[str, tuple[Any, ...]]:
    return library.values("id", "title", "created_at").query.sql_with_params()


def shown_version() -> tuple[str, tuple[Any, ...]]:
    """The version that is shown of the recording ``library.id``."""
    versions = Transcript.objects.filter(recording=RawSQL("library.id", ())).shown_first()
    return versions.values("id")[:1].query.sql_with_params()


@dataclass(frozen=True, slots=True)
class _Size:
    """What a search has to do with, estimated. Costs in microseconds."""

    matches: float
    """Segments with all words, of everybody's."""
    needed: float
    """Of those, how many are looked at until there are enough candidates."""
    reading: float

    @property
    def looking_up(self) -> float:
        return LOOK_UP_COST * min(self.matches, self.needed)


def _measure(cursor: Any, library: RecordingQuerySet, query: Query) -> _Size:
    """By the statistics that Postgres keeps; before there are any, everything is looked up."""
    matches = max(1, estimate_matches(cursor, query))
    cursor.execute(
        "SELECT relname, reltuples FROM pg_class WHERE oid = ANY(%s::regclass[])",
        [[SEGMENTS, Recording._meta.db_table]],
    )
    counted = dict(cursor.fetchall())
    share = min(1.0, max(library.count(), 1) / max(counted[Recording._meta.db_table], 1))
    segments = max(counted[SEGMENTS], matches)
    wanted = LOOKED if query.has_order else CANDIDATES
    return _Size(matches, wanted / share, READ_COST * min(share * segments, wanted * segments / matches))


def _narrowings(cursor: Any, size: _Size) -> Iterator[str]:
    """Conditions for the index: the newest blocks, four times as many each time, at last all."""
    if size.matches > max(2 * size.needed, FEW_MATCHES):
        cursor.execute(f"SELECT min(id) >> {BLOCK_BITS}, max(id) >> {BLOCK_BITS} FROM {SEGMENTS}")
        oldest, newest = cursor.fetchone()
        # One more, because the newest is not full: mostly the first condition is enough.
        asked = math.ceil(1.3 * size.needed / size.matches * (newest - oldest + 1)) + 1
        while asked <= newest - oldest:
            yield f"&& $${blocks_since(newest - asked + 1, newest)}$$::tsquery"
            asked *= 4
    yield ""


_IN_LANGUAGE = " AND language = %s"
_BY_SPEAKER = """
    AND (transcript_id, speaker) IN (SELECT transcript_id, number FROM transcription_speaker WHERE name = %s)
"""
_READ = """
    SELECT segment.id, library.id AS recording_id, library.title, library.created_at, segment.fits
    FROM ({library}) AS library
    CROSS JOIN LATERAL ({shown}) AS shown
    CROSS JOIN LATERAL (
        SELECT id, ts_match_vq(search, %s::tsquery) AS fits FROM transcription_transcriptsegment
        WHERE transcript_id = shown.id AND ts_match_vq(search, %s::tsquery){said} ORDER BY index LIMIT %s
    ) AS segment
    LIMIT %s
"""
"""Named by its function, the condition cannot use the index: once for each transcript would be far too often."""
_SPOKEN = """
    SELECT segment.id, library.id AS recording_id, library.title, library.created_at, TRUE AS fits
    FROM (
        SELECT listed.id, title, listed.created_at, transcript_id, number
        FROM ({library}) AS listed
        JOIN transcription_transcript AS transcript ON transcript.recording_id = listed.id
        JOIN transcription_speaker AS speaker ON speaker.transcript_id = transcript.id
        WHERE speaker.name = %s
        ORDER BY listed.created_at DESC, listed.id DESC OFFSET 0
    ) AS library
    CROSS JOIN LATERAL ({shown}) AS shown
    CROSS JOIN LATERAL (
        SELECT id FROM transcription_transcriptsegment
        WHERE transcript_id = library.transcript_id AND speaker = library.number{said} ORDER BY index LIMIT %s
    ) AS segment
    WHERE shown.id = library.transcript_id
    LIMIT %s
"""
_LOOK_UP = """
    WITH hits AS MATERIALIZED (
        SELECT transcript_id, array_agg(id ORDER BY id) AS ids FROM transcription_transcriptsegment
        WHERE search @@ (%s::tsquery {narrowed}){said} GROUP BY transcript_id
    )
    SELECT passage.id, library.id AS recording_id, library.title, library.created_at, TRUE AS fits
    FROM (
        SELECT listed.id, title, listed.created_at, transcript_id, ids
        FROM hits JOIN transcription_transcript AS transcript ON transcript.id = transcript_id
        JOIN ({library}) AS listed ON listed.id = transcript.recording_id
        ORDER BY listed.created_at DESC, listed.id DESC OFFSET 0
    ) AS library
    CROSS JOIN LATERAL ({shown}) AS shown
    CROSS JOIN LATERAL unnest(library.ids) AS passage(id)
    WHERE shown.id = library.transcript_id
    LIMIT %s
"""
"""By transcript, so that each step goes over few rows; which version is shown is asked only until there are enough."""
