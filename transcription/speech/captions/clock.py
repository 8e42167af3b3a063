"""Seconds as people read them."""

from __future__ import annotations


def clock(seconds: float, fraction: str = "") -> str:
    """``HH:MM:SS``, hours with more digits when they need them; with milliseconds after the mark ``fraction``.

    Without milliseconds the time is cut, not rounded, as a clock shows it.
    """
    milliseconds = max(0, round(seconds * 1000))
    whole = f"{milliseconds // 3_600_000:02d}:{milliseconds // 60_000 % 60:02d}:{milliseconds // 1000 % 60:02d}"
    return f"{whole}{fraction}{milliseconds % 1000:03d}" if fraction else whole


def exact_clock(seconds: float) -> str:
    """``M:SS.ff``, with hours where there are any: to the hundredth, rounded."""
    hundredths = round(seconds * 100)
    minutes, rest = divmod(hundredths, 6000)
    whole = f"{minutes // 60}:{minutes % 60:02d}" if minutes >= 60 else str(minutes)
    return f"{whole}:{rest // 100:02d}.{rest % 100:02d}"
