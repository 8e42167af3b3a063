"""Speakers whose name was searched for: people look for what somebody said, and know who it was.

Names are compared here, not by Postgres: it knows nothing of accents, and of capital letters only what its locale does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from transcription.models import Speaker
from transcription.querysets import RecordingQuerySet
from transcription.services.search_index import UNSPACED
from transcription.services.search_query import SEGMENTS, SHORTEST_BEGINNING, is_as_written, is_excluding
from transcription.services.search_ways import CANDIDATES, as_sql, shown_version
from transcription.services.search_words import MOST_WORDS, without_accents

MOST_NAMES = 5_000
"""That are compared; more hardly speak in one person's library."""
MOST_COUNTED, MOST_NAMED = 20, 5
"""Of the names that fit, so many are looked at, for some were heard only in versions that are not shown, and told."""
_UNSPACED = re.compile(f"[{UNSPACED}]")


@dataclass(frozen=True, slots=True)
class Speaking:
    """``segments`` of a speaker, counted up to ``CANDIDATES``, and whether there are more; in how many recordings."""

    name: str
    segments: int
    has_more: bool
    recordings: int


def find_spoken_names(cursor: Any, library: RecordingQuerySet, text: str, *, language: str = "") -> list[Speaking]:
    """Who has a name of these words, whole or begun; whoever said something in ``language``, if one is given."""
    names = _fitting(text, library)[:MOST_COUNTED]
    if not names:
        return []
    cursor.execute(*counting(library, names, language=language))
    return [
        Speaking(name, min(segments, CANDIDATES), segments > CANDIDATES, recordings)
        for name, segments, recordings in cursor.fetchall()
        if segments
    ][:MOST_NAMED]


def counting(library: RecordingQuerySet, names: list[str], *, language: str) -> tuple[str, list[Any]]:
    """A statement and its values. Rows: name, segments up to one more than are told, recordings."""
    rows, owned = as_sql(library.order_by())
    shown, states = shown_version()
    spoken = [language] if language else []
    statement = _COUNT.format(library=rows, shown=shown, language=" AND segment.language = %s" if language else "")
    return statement, [*owned, names, *states, names, *spoken, CANDIDATES + 1, *spoken]


def _fitting(text: str, library: RecordingQuerySet) -> list[str]:
    """Names, those with all the words as they are first."""
    asked = _words(text)
    if not 0 < len(asked) <= MOST_WORDS or is_excluding(text):
        return []
    speakers = Speaker.objects.filter(transcript__recording__in=library.order_by()).exclude(name="").order_by()
    names = speakers.values_list("name", flat=True).distinct()[:MOST_NAMES]
    whole = {name: set(asked) <= set(_words(name)) for name in names}
    fitting = [name for name in whole if whole[name] or (not is_as_written(text) and _is_begun(asked, _words(name)))]
    return sorted(fitting, key=lambda name: (not whole[name], name))


def _is_begun(asked: Sequence[str], words: Sequence[str]) -> bool:
    return all(any(_is_part(each, word) for word in words) for each in asked)


def _is_part(asked: str, word: str) -> bool:
    if _UNSPACED.match(asked):  # a name of several words, without blanks
        return asked in word
    return asked == word or (len(asked) >= SHORTEST_BEGINNING and word.startswith(asked))


@lru_cache(maxsize=2 * MOST_NAMES)
def _words(text: str) -> tuple[str, ...]:
    """Without accents and capital letters. Vowels of some writings are marks of their own, and part of a word."""
    plain = without_accents(text)
    return tuple("".join(sign if _is_of_word(sign) else " " for sign in plain).split())


def _is_of_word(sign: str) -> bool:
    return sign.isalnum() or unicodedata.category(sign).startswith("M")


_SAID = f"""
    SELECT FROM {SEGMENTS} AS segment
    WHERE segment.transcript_id = spoken.transcript_id AND segment.speaker = spoken.number{{language}}
"""
_COUNT = f"""
    WITH spoken AS MATERIALIZED (
        SELECT library.name, library.number, library.transcript_id, library.id AS recording_id
        FROM (
            SELECT listed.id, transcript.id AS transcript_id, speaker.name, speaker.number
            FROM ({{library}}) AS listed
            JOIN transcription_transcript AS transcript ON transcript.recording_id = listed.id
            JOIN transcription_speaker AS speaker ON speaker.transcript_id = transcript.id
            WHERE speaker.name = ANY(%s) OFFSET 0
        ) AS library
        CROSS JOIN LATERAL ({{shown}}) AS shown
        WHERE shown.id = library.transcript_id
    )
    SELECT given.name, counted.segments, heard.recordings
    FROM unnest(%s::text[]) WITH ORDINALITY AS given(name, place)
    CROSS JOIN LATERAL (
        SELECT count(*) AS segments FROM (
            SELECT FROM spoken CROSS JOIN LATERAL ({_SAID} OFFSET 0) AS said WHERE spoken.name = given.name LIMIT %s
        ) AS first
    ) AS counted
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT recording_id) AS recordings FROM spoken
        WHERE spoken.name = given.name AND EXISTS ({_SAID} OFFSET 0)
    ) AS heard
    ORDER BY place
"""
"""``OFFSET 0``: what each speaker said is looked up in its index, however many Postgres expects there to be."""
