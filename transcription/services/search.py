"""Search: which passages hold certain words, best first, among what a person has in the library.

The newest ``CANDIDATES`` passages that match are ranked, however many there are. There are two ways to find them. *By
reading* the person's own transcripts from the newest on, until there are enough: for the commonest words, and for those
with little on a server with much. *By the index*, which holds everybody's: at once for rare words, else block by block
from the newest on until there are enough, because half a million places of a common word take longer to gather than
anyone should wait. What Postgres knows of the words says which way is the shorter. Both find the same.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext
from psycopg.errors import QueryCanceled

from accounts.models import User
from transcription.enums import ACTIVE_STATES
from transcription.errors import BadRequest, SearchTooSlow
from transcription.models import Recording, Transcript, TranscriptSegment
from transcription.querysets import RecordingQuerySet
from transcription.services.search_index import BLOCK_BITS, SIMPLE, blocks_since, configuration_of

SEGMENTS = TranscriptSegment._meta.db_table
CANDIDATES = 1000
"""Passages that are ranked: the newest that match."""
LONGEST_QUERY = 200
READ_COST, LOOK_UP_COST = 1, 5
"""Microseconds for a segment that is read in order, and for one that the index names, its page being in memory."""
A_PHRASE = 10
"""Of so many segments that hold all its words, about one holds them in a row."""
FEW_MATCHES = 10_000
"""Are looked up at once."""
MOST_SECONDS = 5
"""For one search; words that are common alone and never come together are all that takes so long."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """``text`` as people type it into a search engine. ``since`` and ``until`` are moments of the recordings."""

    text: str
    language: str = ""
    recording_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A segment in which something was found. ``highlights`` are beginnings and ends of characters in ``text``."""

    recording_id: UUID
    title: str
    created_at: datetime
    transcript_id: int
    index: int
    start: float
    end: float
    language: str
    text: str
    rank: float
    highlights: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """``total`` counts what was ranked; ``has_more``: there was more to rank."""

    passages: list[Passage] = field(default_factory=list)
    total: int = 0
    has_more: bool = False


def find_passages(*, user: User, wanted: Wanted, limit: int, offset: int = 0) -> Found:
    """The passages from ``offset`` on, best first.

    Raises BadRequest for a text that is too long or holds NUL, and SearchTooSlow.
    """
    if len(wanted.text) > LONGEST_QUERY or "\0" in wanted.text:
        raise BadRequest(gettext("Search for at most %(limit)d characters.") % {"limit": LONGEST_QUERY})
    library = _library(user, wanted)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{MOST_SECONDS}s'")
            # Postgres 18 hands each page to a process of its own; what lies in memory comes twice as fast without.
            cursor.execute("SET LOCAL effective_io_concurrency = 0")
            return _find(cursor, library, wanted, limit, offset)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise SearchTooSlow from error
        raise


def _library(user: User, wanted: Wanted) -> RecordingQuerySet:
    found = Recording.objects.visible_to(user).kept().listed()
    if wanted.recording_id is not None:
        found = found.filter(pk=wanted.recording_id)
    if wanted.since is not None:
        found = found.filter(created_at__gte=wanted.since)
    if wanted.until is not None:
        found = found.filter(created_at__lt=wanted.until)
    return found


def _find(cursor: Any, library: RecordingQuerySet, wanted: Wanted, limit: int, offset: int) -> Found:
    query = _query(cursor, wanted.text, _languages(library, wanted))
    if not query:  # nothing in it is a word
        return Found()
    rows: list[Any] = []
    for candidates, values in _ways(cursor, library, wanted, query):
        cursor.execute(_RANKED.format(candidates=candidates), [*values, query, CANDIDATES, limit, offset])
        rows = cursor.fetchall()
        if rows and rows[0][-1] > CANDIDATES:
            break
    total = rows[0][-1] if rows else 0
    marks = _highlights(cursor, query, [(row[-3], row[-4]) for row in rows])
    passages = [_passage([*row[:-1], spans]) for row, spans in zip(rows, marks, strict=True)]
    return Found(passages, min(total, CANDIDATES), total > CANDIDATES)


def _ways(cursor: Any, library: RecordingQuerySet, wanted: Wanted, query: str) -> Iterator[tuple[str, list[Any]]]:
    """Statements for the candidates, and their values: each finds all that those before it found, the last all."""
    spoken, language = ("AND language = %s", [wanted.language]) if wanted.language else ("", [])
    active, most = sorted(ACTIVE_STATES), CANDIDATES + 1
    size = _size(cursor, library, query)
    if wanted.recording_id is not None or size.reading < size.looking_up:
        rows, owned = _sql(library.order_by("-created_at", "-id"))
        values = [*owned, active, query, *language, most, most]
        yield _READ.format(library=rows, shown=_SHOWN, spoken=spoken), values
        return
    rows, owned = _sql(library.order_by())
    statement = _LOOK_UP.format(library=rows, shown=_SHOWN, spoken=spoken)
    for where in _narrowings(cursor, size):
        yield statement.format(narrowed=where), [query, *language, *owned, active, most]


def _sql(library: RecordingQuerySet) -> tuple[str, tuple[Any, ...]]:
    return library.values("id", "title", "created_at").query.sql_with_params()


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


def _size(cursor: Any, library: RecordingQuerySet, query: str) -> _Size:
    """By the statistics that Postgres keeps; before there are any, everything is looked up."""
    matches = max(1, _estimate(cursor, query))
    cursor.execute(
        "SELECT relname, reltuples FROM pg_class WHERE oid = ANY(%s::regclass[])",
        [[SEGMENTS, Recording._meta.db_table]],
    )
    counted = dict(cursor.fetchall())
    share = min(1.0, max(library.count(), 1) / max(counted[Recording._meta.db_table], 1))
    segments = max(counted[SEGMENTS], matches)
    in_a_row = A_PHRASE if "<" in query else 1
    reading = READ_COST * min(share * segments, CANDIDATES * in_a_row * segments / matches)
    return _Size(matches, CANDIDATES * in_a_row / share, reading)


def _narrowings(cursor: Any, size: _Size) -> Iterator[str]:
    """Conditions for the index: the newest blocks, four times as many each time, at last all."""
    if size.matches > max(2 * size.needed, FEW_MATCHES):
        cursor.execute(f"SELECT min(id) >> {BLOCK_BITS}, max(id) >> {BLOCK_BITS} FROM {SEGMENTS}")
        oldest, newest = cursor.fetchone()
        asked = math.ceil(1.3 * size.needed / size.matches * (newest - oldest + 1))
        while asked <= newest - oldest:
            yield f"&& $${blocks_since(newest - asked + 1, newest)}$$::tsquery"
            asked *= 4
    yield ""


def _passage(values: list[Any]) -> Passage:
    return Passage(*values)


def _languages(library: RecordingQuerySet, wanted: Wanted) -> set[str]:
    """Those whose stems are looked for. What is quoted or excluded is meant as it is written."""
    if '"' in wanted.text or "-" in wanted.text:
        return set()
    if wanted.language:
        return {wanted.language}
    return set(
        Transcript.objects.filter(recording__in=library).order_by().values_list("language", flat=True).distinct()
    )


def _query(cursor: Any, text: str, languages: set[str]) -> str:
    """As Postgres writes it: the words as they are, or their stems in any of the languages. Each once: what is there
    twice would be estimated, and looked up, twice."""
    names = [SIMPLE, *sorted({configuration_of(language) for language in languages} - {SIMPLE})]
    parts = ", ".join("websearch_to_tsquery(%s::regconfig, %s)::text" for _ in names)
    cursor.execute(f"SELECT {parts}", [value for name in names for value in (name, text)])
    return " | ".join(f"({part})" for part in dict.fromkeys(cursor.fetchone()) if part)


def _estimate(cursor: Any, query: str) -> int:
    """How many segments match, of everybody's, by the statistics that Postgres keeps."""
    cursor.execute(f"EXPLAIN (FORMAT JSON) SELECT 1 FROM {SEGMENTS} WHERE search @@ %s::tsquery", [query])
    plan = cursor.fetchone()[0]
    return int((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]["Plan Rows"])


def _highlights(cursor: Any, query: str, texts: list[tuple[str, str]]) -> list[tuple[tuple[int, int], ...]]:
    """Where the words of ``query`` are in each text, given with its language: as written, or by their stems."""
    configurations = [name for _, language in texts for name in (SIMPLE, configuration_of(language))]
    plain = [text.translate(_UNMARKED) for text, _ in texts for _ in range(2)]
    cursor.execute(
        _MARKED, [query, f'HighlightAll=true, StartSel="{_OPEN}", StopSel="{_CLOSE}"', configurations, plain]
    )
    marked = [_spans(row[0], text) for row, text in zip(cursor.fetchall(), plain, strict=True)]
    return [_united(marked[2 * n] | marked[2 * n + 1]) for n in range(len(texts))]


def _spans(marked: str, text: str) -> set[tuple[int, int]]:
    if marked.translate(_WITHOUT_MARKS) != text:  # Postgres leaves some things out, such as parts of addresses
        return set()
    return {
        (match.start() - 2 * number, match.end() - 2 * number - 2)
        for number, match in enumerate(_MARK.finditer(marked))
    }


def _united(spans: set[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """In order, without overlaps."""
    united: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if united and start < united[-1][1]:
            start, end = united[-1][0], max(end, united.pop()[1])
        united.append((start, end))
    return tuple(united)


_OPEN, _CLOSE = "\x02", "\x03"
_MARK = re.compile(f"{_OPEN}.*?{_CLOSE}", re.DOTALL)
_UNMARKED = {ord(_OPEN): " ", ord(_CLOSE): " "}
_WITHOUT_MARKS = {ord(_OPEN): None, ord(_CLOSE): None}
_MARKED = """
    SELECT ts_headline(configuration::regconfig, text, asked.query::tsquery, asked.options)
    FROM (SELECT %s AS query, %s AS options) AS asked,
         unnest(%s::text[], %s::text[]) WITH ORDINALITY AS given(configuration, text, number) ORDER BY number
"""
_SHOWN = """
    SELECT version.id FROM transcription_transcript AS version
    LEFT JOIN transcription_job AS job ON job.transcript_id = version.id
    WHERE version.recording_id = library.id
    ORDER BY version.is_complete DESC,
             NOT version.is_complete AND NOT coalesce(job.state = ANY(%s), FALSE), version.version DESC
    LIMIT 1
"""
"""Of one recording, as ``transcripts.newest_transcript`` chooses."""
_READ = """
    SELECT segment.id, library.id AS recording_id, library.title, library.created_at
    FROM ({library}) AS library
    CROSS JOIN LATERAL ({shown}) AS shown
    CROSS JOIN LATERAL (
        SELECT id FROM transcription_transcriptsegment
        WHERE transcript_id = shown.id AND ts_match_vq(search, %s::tsquery) {spoken} ORDER BY index LIMIT %s
    ) AS segment
    LIMIT %s
"""
"""Named by its function, the condition cannot use the index: once for each transcript would be far too often."""
_LOOK_UP = """
    WITH hits AS MATERIALIZED (
        SELECT transcript_id, array_agg(id ORDER BY id) AS ids FROM transcription_transcriptsegment
        WHERE search @@ (%s::tsquery {{narrowed}}) {spoken} GROUP BY transcript_id
    )
    SELECT passage.id, library.id AS recording_id, library.title, library.created_at
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
_RANKED = """
    WITH candidate AS MATERIALIZED ({candidates}),
    best AS (
        SELECT candidate.recording_id, title, created_at, transcript_id, segment.index, segment.start, segment.end,
               segment.language, segment.text, ts_rank_cd(segment.search, %s::tsquery, 1) AS rank
        FROM (SELECT * FROM candidate LIMIT %s) AS candidate
        JOIN transcription_transcriptsegment AS segment USING (id)
        ORDER BY rank DESC, created_at DESC, transcript_id DESC, index LIMIT %s OFFSET %s
    )
    SELECT *, (SELECT count(*) FROM candidate) FROM best ORDER BY rank DESC, created_at DESC, transcript_id DESC, index
"""
