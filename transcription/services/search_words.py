"""Words that were said, by whose they are: for searches that find nothing because a word is misspelt.

Each person's recordings have a vocabulary of their own, so that nobody is offered what only a stranger has said, and
strangers' words are not even looked at. It is gathered in the background, within a minute after a text has changed.
What it offers is only a proposal: it is shown when searching for it, among what the person may see, finds something.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Any

from django.db import connection, transaction

from transcription.models import GatheredTranscript, SpokenWord, Transcript, TranscriptSegment

EXTENSIONS = ("pg_trgm", "btree_gin")
AT_ONCE = 200
"""Transcripts whose words are gathered in one transaction."""
SHORTEST, LONGEST = 3, 40
"""Characters of a word that can be misspelt."""
MOST_WORDS = 8
"""Of a search; whoever types more has not misspelt one."""
OFFERED = 20
"""Similar words that are compared more closely."""
LEAST_ALIKE = 0.7
"""Of the letters, in order: below, a word is another, not a misspelt one."""
TEXTS = 3
"""Proposals for one search."""
_LOCK = 0x5C21_0011
"""Of Postgres: who gathers words and who forgets them take turns."""
_WORD = re.compile(r"[^\W\d_]+")
_WORDS, _GATHERED = SpokenWord._meta.db_table, GatheredTranscript._meta.db_table
_SEGMENTS, _TRANSCRIPTS = TranscriptSegment._meta.db_table, Transcript._meta.db_table


def missing_extensions() -> list[str]:
    """Of Postgres, without which similar words cannot be found."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension WHERE extname = ANY(%s)", [list(EXTENSIONS)])
        return sorted(set(EXTENSIONS) - {row[0] for row in cursor.fetchall()})


def gather_words() -> int:
    """Add the words of transcripts that are new or have changed; returns how many transcripts were read.

    Whoever comes while another gathers does nothing. Makes the index once the extensions are there.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        _make_index(cursor)
        cursor.execute(_CHANGED, [AT_ONCE])
        changed = cursor.fetchall()
        for transcript, owner, revision in changed:
            # The revision was read before the text: what comes between is read again the next time.
            cursor.execute(_SAID.format(where="segment.transcript_id = %s"), [transcript])
            said = [row[0] for row in cursor.fetchall()]
            cursor.execute(_ADD, [owner, said, [_plain(word) for word in said]])
            cursor.execute(_NOTE, [transcript, revision])
    return len(changed)


def forget_words() -> int:
    """Delete words that are in no text any more; returns how many. Takes some ten seconds for a million segments."""
    forgotten = 0
    for owner in SpokenWord.objects.order_by().values_list("owner", flat=True).distinct():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            cursor.execute(_FORGET, {"owner": owner})
            forgotten += cursor.rowcount
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_NOTES)
    return forgotten


def propose_texts(cursor: Any, text: str, *, owners: Iterable[int]) -> list[str]:
    """``text`` with similar words of ``owners`` for those that they have not, the best first."""
    asked = list(_WORD.finditer(text))
    words = [found[0].lower() for found in asked]
    if not words or len(words) > MOST_WORDS or not _has_similarity(cursor):
        return []
    cursor.execute(_SIMILAR, [list(owners), OFFERED, words, [_plain(word) for word in words]])
    offers: dict[int, list[str]] = {}
    for place, (word, (is_said, candidates)) in enumerate(zip(words, cursor.fetchall(), strict=True)):
        if not is_said and len(word) >= SHORTEST and (closest := _closest(word, candidates or [])):
            offers[place] = closest
    numbers = range(min(TEXTS, max(map(len, offers.values()), default=0)))
    chosen = [{n: each[min(number, len(each) - 1)] for n, each in offers.items()} for number in numbers]
    return [_replaced(text, asked, choice) for choice in chosen]


def _closest(asked: str, candidates: list[list[str]]) -> list[str]:
    """Words, most alike first: by trigrams, of which each candidate has its share, and by letters in order."""
    scored = []
    for word, share in candidates:
        alike = SequenceMatcher(None, without_accents(asked), without_accents(word), autojunk=False).ratio()
        if alike >= LEAST_ALIKE:
            scored.append((-alike - float(share), word))
    return [word for _, word in sorted(scored)]


def without_accents(word: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(sign))


def _plain(word: str) -> str:
    """In letters from a to z, each other letter as one of them: where a database's locale is C, trigrams have no other.

    Muller and Müller are alike, and so are two words of any writing that are alike.
    """
    letters = without_accents(word)
    return "".join(sign if sign.isascii() else chr(ord("a") + ord(sign) % 26) for sign in letters)


def _replaced(text: str, asked: list[re.Match[str]], offers: dict[int, str]) -> str:
    """Written as what they stand for was: a name that began with a capital letter does so again."""
    parts, end = [], 0
    for number, found in enumerate(asked):
        word = offers.get(number, found[0])
        parts += [text[end : found.start()], word.capitalize() if number in offers and found[0].istitle() else word]
        end = found.end()
    return "".join([*parts, text[end:]])


def _has_similarity(cursor: Any) -> bool:
    cursor.execute("SELECT to_regprocedure('similarity(text, text)') IS NOT NULL")
    return bool(cursor.fetchone()[0])


def _make_index(cursor: Any) -> None:
    cursor.execute(
        "SELECT to_regclass('word_similar') IS NULL AND count(*) = %s FROM pg_extension WHERE extname = ANY(%s)",
        [len(EXTENSIONS), list(EXTENSIONS)],
    )
    if cursor.fetchone()[0]:
        cursor.execute(f"CREATE INDEX word_similar ON {_WORDS} USING gin (owner_id, plain gin_trgm_ops)")


_CHANGED = f"""
    SELECT transcript.id, recording.owner_id, transcript.revision
    FROM {_TRANSCRIPTS} AS transcript
    JOIN transcription_recording AS recording ON recording.id = transcript.recording_id
    LEFT JOIN {_GATHERED} AS gathered ON gathered.transcript_id = transcript.id
    WHERE gathered.revision IS DISTINCT FROM transcript.revision
        AND recording.deleted_at IS NULL AND recording.delete_after IS NULL
    ORDER BY transcript.id DESC LIMIT %s
"""
_SAID = f"""
    SELECT DISTINCT word FROM {_SEGMENTS} AS segment
    CROSS JOIN LATERAL unnest(tsvector_to_array(ts_filter(segment.search, '{{{{a}}}}'))) AS word
    WHERE {{where}} AND length(word) BETWEEN {SHORTEST} AND {LONGEST} AND word !~ '[0-9_./@:-]'
"""
"""Words as they were written have the weight A in the column; stems and blocks have others."""
_ADD = f"""
    INSERT INTO {_WORDS} (owner_id, word, plain) SELECT %s, word, plain
    FROM unnest(%s::text[], %s::text[]) AS said(word, plain) ON CONFLICT (owner_id, word) DO NOTHING
"""
_NOTE = f"""
    INSERT INTO {_GATHERED} (transcript_id, revision) VALUES (%s, %s)
    ON CONFLICT (transcript_id) DO UPDATE SET revision = excluded.revision
"""
_OF_OWNER = f"""segment.transcript_id IN (
    SELECT transcript.id FROM {_TRANSCRIPTS} AS transcript
    JOIN transcription_recording AS recording ON recording.id = transcript.recording_id
    WHERE recording.owner_id = %(owner)s AND recording.delete_after IS NULL
)"""
_FORGET = f"""
    WITH said AS MATERIALIZED ({_SAID.format(where=_OF_OWNER)})
    DELETE FROM {_WORDS} AS old
    WHERE owner_id = %(owner)s AND NOT EXISTS (SELECT FROM said WHERE said.word = old.word)
"""
_FORGET_NOTES = f"""
    DELETE FROM {_GATHERED} AS note
    WHERE NOT EXISTS (SELECT FROM {_TRANSCRIPTS} AS transcript WHERE transcript.id = note.transcript_id)
"""
"""Of transcripts that were deleted while their words were being gathered."""
_SIMILAR = f"""
    SELECT
        EXISTS (SELECT FROM {_WORDS} AS known WHERE known.owner_id = ANY(given.owners) AND known.word = asked.word),
        (SELECT array_agg(ARRAY[near.word, near.share::text]) FROM (
            SELECT each.word, similarity(each.plain, asked.plain) AS share
            FROM unnest(given.owners) AS owner(id)
            JOIN {_WORDS} AS each ON each.owner_id = owner.id AND each.plain %% asked.plain
            ORDER BY share DESC, word LIMIT given.most
        ) AS near)
    FROM (SELECT %s::bigint[] AS owners, %s::bigint AS most) AS given
    CROSS JOIN unnest(%s::text[], %s::text[]) WITH ORDINALITY AS asked(word, plain, place)
    ORDER BY asked.place
"""
