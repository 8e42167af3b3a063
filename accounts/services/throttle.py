"""Limits on pages that could be used to guess, to flood a mailbox or to fill the database.

Sign-in by name and address is django-axes' work; these count what it does not see. Uses are rows in Postgres, counted
under a lock, so that the limits hold for any number of web processes together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.errors import TooManyAttempts
from accounts.models import Attempt
from accounts.services.locks import lock

KEEP = timedelta(days=1)
"""Longest window of any limit; older rows are deleted."""


@dataclass(frozen=True)
class Limit:
    """At most ``count`` uses of ``kind`` within ``window`` for one key (an address, a person)."""

    kind: str
    count: int
    window: timedelta


@transaction.atomic
def count_attempt(*, limit: Limit, key: str) -> None:
    """Count one use, or raise TooManyAttempts and count nothing. Deletes rows that no limit needs any more."""
    lock(name=f"attempt:{limit.kind}:{_hash(key)}")
    refuse_if_exhausted(limit=limit, key=key)
    Attempt.objects.filter(at__lt=timezone.now() - KEEP).delete()
    Attempt.objects.create(kind=limit.kind, key_hash=_hash(key))


def refuse_if_exhausted(*, limit: Limit, key: str) -> None:
    """Raise TooManyAttempts when the limit is used up; counts nothing."""
    since = timezone.now() - limit.window
    used = Attempt.objects.filter(kind=limit.kind, key_hash=_hash(key), at__gt=since).order_by("-at")
    oldest: datetime | None = used.values_list("at", flat=True)[limit.count - 1 : limit.count].first()
    if oldest is not None:
        raise TooManyAttempts(until=oldest + limit.window)


def _hash(key: str) -> str:
    """Addresses of people are not kept in clear only to count them."""
    return salted_hmac("accounts.throttle", key.casefold(), algorithm="sha256").hexdigest()
