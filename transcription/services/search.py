"""Search: which passages hold certain words, best first, among what a person may see.

The newest passages that match are ranked, however many there are (``search_ways``). When there is none, and a word was
perhaps misspelt, what sounds like it is looked for instead (``search_words``).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext
from psycopg.errors import QueryCanceled

from accounts.models import User
from transcription.errors import BadRequest, NoWord, SearchTooSlow
from transcription.models import Recording, Speaker, Transcript
from transcription.querysets import RecordingQuerySet
from transcription.services.search_marks import Spans, find_marks
from transcription.services.search_query import Query, is_as_written, to_query
from transcription.services.search_ranking import BY_PASSAGE, BY_RECORDING, RANKED
from transcription.services.search_speakers import Speaking, find_spoken_names
from transcription.services.search_ways import CANDIDATES, Said, Way, find_ways, is_enough, read_spoken
from transcription.services.search_words import propose_texts

LONGEST_QUERY = 200
MOST_SPEAKERS = 200
"""Who are offered to choose from."""
MOST_SECONDS = 5
"""For one search; words that are common alone and never come together are all that takes so long."""
EVEN_SECONDS = 0.05
"""A search for something that is not there is answered after a multiple of this: how long it took would tell whether
strangers have said it, for the index is everybody's."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """``text`` as people type it into a search engine; ``speaker``: a name, as it was given; ``tags``: all of these,
    of the person who searches.

    ``since`` and ``until`` are moments of the recordings, ``shortest`` and ``longest`` their length in seconds.
    ``is_typed``: somebody is typing still.
    """

    text: str
    language: str = ""
    speaker: str = ""
    recording_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    shortest: float | None = None
    longest: float | None = None
    tags: tuple[int, ...] = ()
    is_typed: bool = False

    @property
    def is_all_of_a_speaker(self) -> bool:
        """No words, but somebody: all that this speaker said."""
        return bool(self.speaker) and not self.text.strip()


@dataclass(frozen=True, slots=True)
class Place:
    """After which passage, or recording by its best one, a page begins."""

    rank: float
    created_at: datetime
    transcript_id: int
    index: int


@dataclass(frozen=True, slots=True)
class Page:
    """At most ``limit`` passages; with ``each``, so many of each of at most ``limit`` recordings."""

    limit: int
    after: Place | None = None
    each: int | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A segment in which something was found. ``number``: of passages in the same recording that were ranked."""

    recording_id: UUID
    title: str
    created_at: datetime
    transcript_id: int
    index: int
    start: float
    end: float
    language: str
    text: str
    number: int
    highlights: Spans


@dataclass(frozen=True, slots=True)
class Found:
    """``total`` counts what was ranked; ``has_more``: there was more to rank. ``next``: where the next page begins.

    ``instead``: the text that was searched for, when nothing was found of the one that was asked for.
    """

    passages: list[Passage] = field(default_factory=list)
    total: int = 0
    has_more: bool = False
    next: Place | None = None
    instead: str = ""


def find_passages(*, user: User, wanted: Wanted, page: Page) -> Found:
    """A page of the passages, best first.

    Raises BadRequest for a text that is too long or holds NUL, NoWord for one of signs alone, and SearchTooSlow.
    """
    if len(wanted.text) > LONGEST_QUERY or "\0" in wanted.text:
        raise BadRequest(gettext("Search for at most %(limit)d characters.") % {"limit": LONGEST_QUERY})
    began = time.monotonic()
    library = library_of(user, wanted)
    with _in_time() as cursor:
        found = _find(cursor, library, wanted, page)
        if not found.total:
            found = _find_similar(cursor, library, wanted, page)
    if not found.total or found.instead:
        time.sleep(-(time.monotonic() - began) % EVEN_SECONDS)
    return found


def find_speakers(*, user: User, wanted: Wanted) -> list[Speaking]:
    """Who has the name that is searched for, with as much as is found when this speaker is chosen and nothing typed.

    Raises SearchTooSlow.
    """
    if wanted.speaker:
        return []
    with _in_time() as cursor:
        return find_spoken_names(cursor, library_of(user, wanted), wanted.text, language=wanted.language)


def find_titles(*, user: User, wanted: Wanted, limit: int) -> list[Recording]:
    """Recordings whose title holds all words of the text, the newest first."""
    found = library_of(user, wanted)
    for word in wanted.text.replace("\0", " ").split():
        found = found.filter(title__icontains=word)
    return list(found.newest_first()[:limit]) if wanted.text.strip() else []


def languages_of(user: User) -> list[str]:
    """The languages that were said in what a person may see."""
    spoken = Transcript.objects.filter(recording__in=library_of(user, Wanted(""))).exclude(language="")
    return sorted(spoken.order_by().values_list("language", flat=True).distinct())


def speakers_of(user: User, *, chosen: str = "") -> list[str]:
    """The names of those who speak in what a person may see, at most ``MOST_SPEAKERS``, and ``chosen`` if it is one."""
    named = Speaker.objects.filter(transcript__recording__in=library_of(user, Wanted(""))).exclude(name="")
    names = list(named.order_by("name").values_list("name", flat=True).distinct()[:MOST_SPEAKERS])
    if chosen and chosen not in names and "\0" not in chosen and named.filter(name=chosen).exists():
        names.append(chosen)
    return names


def library_of(user: User, wanted: Wanted) -> RecordingQuerySet:
    """The recordings in which is searched."""
    limits = {
        "pk": wanted.recording_id,
        "created_at__gte": wanted.since,
        "created_at__lt": wanted.until,
        "duration__gte": wanted.shortest,
        "duration__lt": wanted.longest,
    }
    given = {name: value for name, value in limits.items() if value is not None}
    return Recording.objects.visible_to(user).kept().listed().filter(**given).tagged(wanted.tags, of=user)


@contextmanager
def _in_time() -> Iterator[Any]:
    """A cursor of a transaction for one search."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # Postgres 18 hands each page to a process of its own; what lies in memory comes twice as fast without.
            cursor.execute(f"SET LOCAL statement_timeout = '{MOST_SECONDS}s'; SET LOCAL effective_io_concurrency = 0")
            yield cursor
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise SearchTooSlow from error
        raise


def _find(cursor: Any, library: RecordingQuerySet, wanted: Wanted, page: Page) -> Found:
    query, ways = _asked(cursor, library, wanted)
    statement = BY_PASSAGE if page.each is None else BY_RECORDING
    values = _values(page)
    is_cut, fitting, rows = False, 0, []
    for way in ways:
        candidates = RANKED.format(candidates=way.statement)
        cursor.execute(candidates + statement, [*way.values, query.in_a_row, query.match, CANDIDATES, *values])
        rows = cursor.fetchall()
        looked, fitting = rows[0][:2]
        is_cut = way.is_cut(looked)
        if not is_cut or is_enough(query, fitting):
            break
    shown = [row[2:] for row in rows if row[2] is not None]
    passages, place = _page(cursor, query, shown, page)
    return Found(passages, min(fitting, CANDIDATES), is_cut or fitting > CANDIDATES, place)


def _asked(cursor: Any, library: RecordingQuerySet, wanted: Wanted) -> tuple[Query, Iterable[Way]]:
    """What passages must satisfy, and the ways to find them. Raises NoWord."""
    said = Said(wanted.language, wanted.speaker)
    if wanted.is_all_of_a_speaker:
        return Query(), [read_spoken(library, said)]
    query = to_query(cursor, wanted.text, _languages(library, wanted), is_typed=wanted.is_typed)
    if not query.match:
        raise NoWord
    return query, find_ways(cursor, library, query, said=said, is_one=wanted.recording_id is not None)


def _find_similar(cursor: Any, library: RecordingQuerySet, wanted: Wanted, page: Page) -> Found:
    """With words that were said instead of those that were not; nothing when words are meant as they are written."""
    if is_as_written(wanted.text):
        return Found()
    owners = library.order_by().values_list("owner", flat=True).distinct()
    for text in propose_texts(cursor, wanted.text, owners=owners):
        found = _find(cursor, library, replace(wanted, text=text, is_typed=False), page)
        if found.total:
            return replace(found, instead=text)
    return Found()


def _languages(library: RecordingQuerySet, wanted: Wanted) -> set[str]:
    """Those whose stems are looked for."""
    if wanted.language:
        return {wanted.language}
    return set(
        Transcript.objects.filter(recording__in=library).order_by().values_list("language", flat=True).distinct()
    )


def _values(page: Page) -> list[Any]:
    after = page.after
    key = [after.rank, after.created_at, after.transcript_id] if after else [None, None, None]
    if page.each is None:
        return [*key, -after.index if after else None, page.limit + 1]
    return [*key, page.each, page.limit + 1]


def _page(cursor: Any, query: Query, rows: list[Any], page: Page) -> tuple[list[Passage], Place | None]:
    """The rows as passages, and where the next page begins, if there is one: each row tells its number on the page."""
    shown = [row for row in rows if row[0] <= page.limit]
    marks = find_marks(cursor, query, [(row[-2], row[-3]) for row in shown])
    passages = [Passage(*[*row[2:], spans]) for row, spans in zip(shown, marks, strict=True)]
    if len(shown) == len(rows):
        return passages, None
    last = passages[-1]
    return passages, Place(shown[-1][1], last.created_at, last.transcript_id, last.index)
