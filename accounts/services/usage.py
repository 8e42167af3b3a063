"""What keys are used for: requests and sound, a row a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, Sum
from django.utils import timezone

from accounts.models import KeyUsage

SHOWN_DAYS = 30


@dataclass(frozen=True, slots=True)
class Usage:
    requests: int
    audio_seconds: float


def note_request(*, key_id: int) -> None:
    _add(key_id, requests=1)


def note_audio(*, key_id: int, seconds: float) -> None:
    """Sound that was transcribed for the key."""
    _add(key_id, audio_seconds=seconds)


def recent_usage(*, key_ids: Iterable[int], days: int = SHOWN_DAYS) -> dict[int, Usage]:
    """Of each key that was used in the last days, in one query."""
    since = timezone.localdate() - timedelta(days=days - 1)
    rows = KeyUsage.objects.filter(key__in=list(key_ids), day__gte=since).values("key").order_by()
    sums = rows.annotate(requests=Sum("requests"), audio_seconds=Sum("audio_seconds"))
    return {row["key"]: Usage(row["requests"], row["audio_seconds"]) for row in sums}


def daily_usage(*, key_ids: Iterable[int], days: int = SHOWN_DAYS) -> list[KeyUsage]:
    """A row for each key and day of the last ``days`` on which the key was used, newest first."""
    since = timezone.localdate() - timedelta(days=days - 1)
    return list(KeyUsage.objects.filter(key__in=list(key_ids), day__gte=since).order_by("-day", "key_id"))


def _add(key_id: int, *, requests: int = 0, audio_seconds: float = 0.0) -> None:
    """One UPDATE, but for the first of a day."""
    today = timezone.localdate()
    added = {"requests": F("requests") + requests, "audio_seconds": F("audio_seconds") + audio_seconds}
    row = KeyUsage.objects.filter(key=key_id, day=today)
    if not row.update(**added):
        KeyUsage.objects.get_or_create(key_id=key_id, day=today)
        row.update(**added)
