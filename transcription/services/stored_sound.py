"""The sound of live recordings read back: by whoever joins it to one file, and by a recogniser that goes on."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from uuid import UUID

import structlog
from django.db.models import Max

from transcription.enums import AudioEncoding
from transcription.errors import DamagedSound
from transcription.models import Live, LiveChunk
from transcription.services import chunkfiles
from transcription.speech.audio import bytes_per_sample

log = structlog.get_logger(__name__)

ROWS_AT_ONCE = 100
_SILENCE = {AudioEncoding.MULAW: b"\xff"}
"""Elsewhere zero; a container's zeros are skipped by whoever reads it."""


def read_sound(
    *, live_id: UUID, from_position: int = 0, to_position: int | None = None, damaged: list[int] | None = None
) -> Iterator[bytes]:
    """What is durable from ``from_position`` on, in order, a chunk at a time; both ends may lie within a chunk.

    Ends at ``to_position``, or where the sound ends. Raises DamagedSound when storage does not give back what it got;
    if ``damaged`` is given, silence takes the place of such a chunk, and its position is added there.
    """
    encoding = AudioEncoding(Live.objects.values_list("encoding", flat=True).get(pk=live_id))
    width = bytes_per_sample(encoding)
    position = from_position
    while to_position is None or position < to_position:
        rows = _rows_from(live_id, position)
        if not rows or rows[-1].position + rows[-1].length <= position:
            return
        for row in rows:
            end = row.position + row.length
            end = end if to_position is None else min(end, to_position)
            if end > position:
                yield _mended(row, encoding, damaged)[(position - row.position) * width : (end - row.position) * width]
                position = end


def _rows_from(live_id: UUID, position: int) -> list[LiveChunk]:
    """Some rows at a time, no cursor held open: whoever reads may be slow, and finds what comes meanwhile."""
    rows = LiveChunk.objects.filter(live=live_id)
    first = rows.filter(position__lte=position).aggregate(position=Max("position"))["position"]
    return [] if first is None else list(rows.filter(position__gte=first).order_by("position")[:ROWS_AT_ONCE])


def _mended(row: LiveChunk, encoding: AudioEncoding, damaged: list[int] | None) -> bytes:
    try:
        return _content(row)
    except DamagedSound:
        if damaged is None:
            raise
        log.error("stored sound is damaged", live=str(row.live_id), position=row.position)
        damaged.append(row.position)
        return _SILENCE.get(encoding, b"\0") * bytes_per_sample(encoding) * row.length


def _content(row: LiveChunk) -> bytes:
    try:
        data = chunkfiles.read(row.name)
    except FileNotFoundError as error:
        raise DamagedSound from error
    if zlib.crc32(data) != row.checksum:
        raise DamagedSound
    return data
