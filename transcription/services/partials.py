"""The newest partial text of live recordings, in Redis: for watchers, and it may get lost."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from redis.asyncio import Redis

from transcription.protocol import partial_key

LIFE = 60
"""Seconds for which a partial text is kept."""

_client: Redis | None = None


async def put(*, recording_id: UUID, value: dict[str, Any]) -> None:
    """Raises RedisError, OSError."""
    await _redis().set(partial_key(recording_id), json.dumps(value), ex=LIFE)


async def get(*, recording_id: UUID) -> dict[str, Any] | None:
    """Raises RedisError, OSError."""
    value = await _redis().get(partial_key(recording_id))
    return dict(json.loads(value)) if value else None


def _redis() -> Redis:
    """One client for the process, made in its event loop."""
    global _client
    if _client is None:
        _client = Redis.from_url(settings.REDIS_URL, decode_responses=True, socket_timeout=5)
    return _client
