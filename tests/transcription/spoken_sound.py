"""Sound that is spoken into a live recording, piece by piece."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.factories import make_live, make_user
from transcription.services import chunks, live
from transcription.services.chunks import PendingChunk
from transcription.services.live import Connection


def speak(owner: Any = None, **choices: Any) -> Connection:
    owner = owner or make_user()
    return live.connect(live_id=make_live(owner, **choices).pk, user=owner)


def pcm(count: int, *, value: int = 1) -> bytes:
    return value.to_bytes(2, "little") * count


def append(connection: Connection, position: int, data: bytes) -> chunks.AppendResult:
    [result] = chunks.append_chunks([PendingChunk(connection, position, data)])
    return result


def sound(live_id: UUID, start: int = 0, end: int | None = None) -> bytes:
    return b"".join(chunks.read_sound(live_id=live_id, from_position=start, to_position=end))
