"""Moments that come back to us in addresses."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils import timezone


def to_moment(text: str) -> datetime:
    """In UTC, of the ISO format. Raises ValueError, also for one without a time zone or outside of the years of UTC."""
    moment = datetime.fromisoformat(text)
    if timezone.is_naive(moment):
        raise ValueError(text)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(text) from error
