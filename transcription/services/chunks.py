"""The sound of live recordings while it arrives: each chunk is safe before its speaker is told so.

Many speakers share one transaction: with a commit for each chunk, the number of times that a disk can sync would be the
limit for all of them. A file is stored before it is named: what a crash leaves over is a file that no row names.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection as database
from django.db import transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone
from django.utils.translation import gettext

from transcription.enums import CONTAINERS, RecordingState
from transcription.errors import (
    BadRequest,
    PositionMismatch,
    QuotaExceeded,
    ScriptaError,
    StaleEpoch,
    StorageFull,
    TooLong,
)
from transcription.models import Live, LiveChunk
from transcription.services import chunkfiles, room
from transcription.services.live import Connection
from transcription.services.stored_sound import read_sound as read_sound
from transcription.speech.audio import bytes_per_sample

log = structlog.get_logger(__name__)

Key = tuple[UUID, int]
"""A live recording and an epoch."""


@dataclass(frozen=True, slots=True)
class PendingChunk:
    """Sound that follows what is durable: ``position`` in samples (PCM) or bytes (containers)."""

    connection: Connection
    position: int
    data: bytes

    @property
    def length(self) -> int:
        return len(self.data) // bytes_per_sample(self.connection.encoding)


@dataclass(frozen=True, slots=True)
class AppendResult:
    """``received`` is what is durable now; None where it was not looked up, or is no business of this connection.

    An ``error`` says that no more may come. With QuotaExceeded and TooLong what was sent is kept all the same.
    """

    received: int | None
    error: ScriptaError | None = None


@dataclass(eq=False, slots=True)
class _Stretch:
    """Consecutive chunks of one connection: all of them are kept, or none."""

    connection: Connection
    start: int
    end: int
    chunks: list[tuple[int, PendingChunk]] = field(default_factory=list)
    """Each with its place in the batch."""
    names: list[str] = field(default_factory=list)
    received: int | None = None
    error: ScriptaError | None = None

    @property
    def key(self) -> Key:
        return self.connection.live_id, self.connection.epoch

    @property
    def size(self) -> int:
        return sum(len(chunk.data) for _, chunk in self.chunks)

    def rows(self) -> Iterator[LiveChunk]:
        for (_, chunk), name in zip(self.chunks, self.names, strict=True):
            yield LiveChunk(
                live_id=chunk.connection.live_id,
                position=chunk.position,
                length=chunk.length,
                checksum=zlib.crc32(chunk.data),
                name=name,
            )


def append_chunks(batch: Sequence[PendingChunk]) -> list[AppendResult]:
    """Make chunks of many speakers durable: files first, all at once, then one transaction. One result a chunk.

    Only what comes under the current epoch and follows what is there counts (else StaleEpoch, PositionMismatch); it
    grows the recording's size. What is there already, because its answer got lost, is a success. One speaker's
    StorageFull leaves the others alone; an error of the database is raised, and then the same batch may be sent again.
    """
    results: list[AppendResult] = [AppendResult(None)] * len(batch)
    stretches = _stretches(batch, results)
    _store(stretches)
    if written := [stretch for stretch in stretches if stretch.error is None]:
        _commit(written)
    for stretch in stretches:
        for place, _ in stretch.chunks:
            results[place] = AppendResult(stretch.received, stretch.error)
    return results


def _stretches(batch: Sequence[PendingChunk], results: list[AppendResult]) -> list[_Stretch]:
    found: dict[Key, _Stretch] = {}
    for place, chunk in enumerate(batch):
        key = (chunk.connection.live_id, chunk.connection.epoch)
        stretch = found.setdefault(key, _Stretch(chunk.connection, chunk.position, chunk.position))
        if not chunk.data or len(chunk.data) % bytes_per_sample(chunk.connection.encoding):
            results[place] = AppendResult(None, BadRequest(gettext("Sound must come in whole samples.")))
        elif chunk.position != stretch.end:
            results[place] = AppendResult(None, PositionMismatch())
        else:
            stretch.chunks.append((place, chunk))
            stretch.end += chunk.length
    return [stretch for stretch in found.values() if stretch.chunks]


def _store(stretches: list[_Stretch]) -> None:
    """Write the files; a stretch that cannot be stored gets an error and leaves nothing behind."""
    is_full = bool(stretches) and room.is_disk_full()
    waiting = []
    for stretch in stretches:
        stretch.error = StorageFull() if is_full else None
        for _, chunk in [] if is_full else stretch.chunks:
            stretch.names.append(chunkfiles.new_name(stretch.connection.live_id, chunk.position))
            waiting.append((stretch, chunkfiles.store_later(stretch.names[-1], chunk.data)))
    for stretch, stored in waiting:
        try:
            stored.result()
        except StorageFull as error:
            stretch.error = error
        except Exception as error:  # storage elsewhere has errors of its own, and the others must not suffer from them
            log.exception("chunk not stored", live=str(stretch.connection.live_id), error=type(error).__name__)
            stretch.error = StorageFull(gettext("The server could not store what you said. What came before is kept."))
    for stretch in stretches:
        if stretch.error is not None:
            chunkfiles.delete(stretch.names)


# In the order of their ids, so that two processes do not wait for each other; a state that was read here stays.
_HOLD = """
    SELECT recording.id FROM transcription_recording AS recording
    WHERE recording.id = ANY(%(ids)s) AND recording.state = %(live)s AND recording.deleted_at IS NULL
    ORDER BY recording.id FOR NO KEY UPDATE
"""
_ADVANCE = """
    UPDATE transcription_live AS live
    SET received = item.ending, last_seen_at = %(now)s, first_audio_at = COALESCE(live.first_audio_at, %(now)s)
    FROM unnest(%(ids)s::uuid[], %(epochs)s::int[], %(starts)s::bigint[], %(ends)s::bigint[])
        AS item(id, epoch, beginning, ending)
    WHERE live.recording_id = item.id AND live.epoch = item.epoch AND live.received = item.beginning
        AND live.recording_id = ANY(%(held)s)
    RETURNING live.recording_id, live.epoch, live.first_audio_at
"""
_GROW = """
    UPDATE transcription_recording AS recording SET size = recording.size + item.bytes
    FROM unnest(%(ids)s::uuid[], %(sizes)s::bigint[]) AS item(id, bytes) WHERE recording.id = item.id
    RETURNING recording.id, recording.owner_id, recording.size
"""


def _commit(stretches: list[_Stretch]) -> None:
    now = timezone.now()
    with transaction.atomic(), database.cursor() as cursor:
        began = _advance(cursor, stretches, now)
        kept = [stretch for stretch in stretches if stretch.key in began]
        held = _grow(cursor, kept)
        LiveChunk.objects.bulk_create(row for stretch in kept for row in stretch.rows())
        over = room.owners_over_quota(owner_ids={owner for owner, _ in held.values()})
        refused = [stretch for stretch in stretches if stretch.key not in began]
        _explain(refused)
    for stretch in kept:
        owner, size = held[stretch.connection.live_id]
        stretch.received = stretch.end
        if owner in over:
            stretch.error = QuotaExceeded()
        elif size >= settings.MAX_UPLOAD_SIZE or _seconds(stretch, began[stretch.key], now) >= _most_seconds():
            stretch.error = TooLong()
    for stretch in refused:
        chunkfiles.delete(stretch.names)


def _advance(cursor: CursorWrapper, stretches: list[_Stretch], now: datetime) -> dict[Key, datetime]:
    """Move on those that may: the current connection's, at the position that is durable. Since when each has sound."""
    values: dict[str, Any] = {
        "now": now,
        "live": RecordingState.LIVE,
        "ids": [stretch.connection.live_id for stretch in stretches],
        "epochs": [stretch.connection.epoch for stretch in stretches],
        "starts": [stretch.start for stretch in stretches],
        "ends": [stretch.end for stretch in stretches],
    }
    cursor.execute(_HOLD, values)
    values["held"] = [row[0] for row in cursor.fetchall()]
    cursor.execute(_ADVANCE, values)
    return {(live_id, epoch): first for live_id, epoch, first in cursor.fetchall()}


def _grow(cursor: CursorWrapper, kept: list[_Stretch]) -> dict[UUID, tuple[int, int]]:
    """Owner and new size of each recording."""
    values: dict[str, Any] = {
        "ids": [stretch.connection.live_id for stretch in kept],
        "sizes": [stretch.size for stretch in kept],
    }
    cursor.execute(_GROW, values)
    return {recording_id: (owner_id, size) for recording_id, owner_id, size in cursor.fetchall()}


def _explain(refused: list[_Stretch]) -> None:
    """Why they were: taken over, ended, at another position, or there already because an answer got lost."""
    rows = Live.objects.filter(pk__in=[stretch.connection.live_id for stretch in refused]).values_list(
        "pk", "epoch", "recording__state", "recording__deleted_at", "received"
    )
    known = {row[0]: row[1:] for row in rows}
    for stretch in refused:
        row = known.get(stretch.connection.live_id)
        if row is None or row[:3] != (stretch.connection.epoch, RecordingState.LIVE, None):
            stretch.error = StaleEpoch()
        else:
            stretch.received = row[3]
            stretch.error = None if row[3] >= stretch.end else PositionMismatch()


def _seconds(stretch: _Stretch, began: datetime, now: datetime) -> float:
    """How long it has become: a container's bytes do not tell, the clock does."""
    if stretch.connection.encoding in CONTAINERS:
        return (now - began).total_seconds()
    return stretch.end / stretch.connection.sample_rate


def _most_seconds() -> float:
    return float(settings.MAX_DURATION_HOURS) * 3600
