"""Numbers and places for new passages of a transcript, which no passage ever had: what was taken out may come back."""

from __future__ import annotations

from django.db import connection

from transcription.enums import EditKind
from transcription.models import Transcript

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


_RANK_BEHIND = """
    SELECT min(rank) FROM (
        SELECT rank FROM transcription_transcriptsegment
        WHERE transcript_id = %(transcript)s AND (rank, "index") > (%(rank)s, %(index)s)
        UNION ALL SELECT (change->1->>'rank')::float
            FROM transcription_transcriptedit, jsonb_array_elements(segments) AS change
            WHERE transcript_id = %(transcript)s AND kind = ANY (%(taking)s) AND jsonb_typeof(change->2) = 'null'
                AND (change->1->>'rank')::float > %(rank)s
    ) AS ranks
"""
_TAKING = [
    str(kind) for kind in (EditKind.MERGE, EditKind.DELETE, EditKind.REPLACE, EditKind.RESTORE, EditKind.PROPOSAL)
]
"""Kinds that take passages out."""


def rank_behind(transcript: Transcript, index: int, rank: float) -> float | None:
    """Of the passage after one in the order, be it there or taken out; None after the last."""
    with connection.cursor() as cursor:
        cursor.execute(_RANK_BEHIND, {"transcript": transcript.pk, "index": index, "rank": rank, "taking": _TAKING})
        found: float | None = cursor.fetchone()[0]
    return found
