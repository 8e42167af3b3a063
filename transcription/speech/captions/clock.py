"""Seconds as people read them."""

from __future__ import annotations


def clock(seconds: float, fraction: str = "") -> str:
    """``HH:MM:SS``, hours with more digits when they need them; with milliseconds after the mark ``fraction``.

    Without milliseconds the time is cut, not rounded, as a clock shows it.
    """
    milliseconds = max(0, round(seconds * 1000))
    whole = f"{milliseconds // 3_600_000:02d}:{milliseconds // 60_000 % 60:02d}:{milliseconds // 1000 % 60:02d}"
    return f"{whole}{fraction}{milliseconds % 1000:03d}" if fraction else whole
