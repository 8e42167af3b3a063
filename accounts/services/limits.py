"""How many requests programs and people may make: counted in the cache, minute by minute, for all web processes."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from redis import RedisError

from accounts.models import ApiKey, User

WINDOW = 60
"""Seconds. Windows begin on the full minute: two of them in a row let twice as much through, and no more."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of the tighter of two limits: the key's and its person's."""

    limit: int
    remaining: int
    reset: int
    """Seconds until the next window."""
    exceeded: bool


def take_request(*, user: User, key: ApiKey | None) -> Allowance | None:
    """Count one request. None when there is no limit, or when nobody can count: then nobody is refused either."""
    limits = [(f"user:{user.pk}", settings.API_USER_RATE)]
    if key is not None:
        limits.append((f"key:{key.pk}", settings.API_KEY_RATE))
    now = time.time()
    try:
        taken = [_take(name, limit, now) for name, limit in limits if limit]
    except (RedisError, OSError):
        return None
    return min(taken, key=lambda each: (not each.exceeded, each.remaining), default=None)


def _take(name: str, limit: int, now: float) -> Allowance:
    counter = f"requests:{name}:{int(now // WINDOW)}"
    cache.add(counter, 0, 2 * WINDOW)
    count = cache.incr(counter)
    return Allowance(limit, max(0, limit - count), WINDOW - int(now % WINDOW), count > limit)
