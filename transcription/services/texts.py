"""Texts that people type, made safe to show: what nobody sees and what turns other text around goes."""

from __future__ import annotations

import unicodedata

from transcription.speech.captions.characters import is_visible

_UNSEEN = {"Cc", "Cs", "Zl", "Zp"}
_OVERRIDES = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def clean_line(text: str, *, limit: int) -> str:
    """One line of at most ``limit`` characters: no control characters, surrogates or invisible direction overrides.

    Empty where nothing can be seen, such as of joiners alone.
    """
    kept = "".join(" " if unicodedata.category(c) in _UNSEEN else c for c in text)
    kept = "".join(c for c in kept if c not in _OVERRIDES)
    line = " ".join(kept.split())[:limit].strip()
    return line if is_visible(line) else ""


def clean_text(text: str) -> str:
    """As ``clean_line``, but lines stay lines, however long; at most one empty line in a row."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept: list[str] = []
    for line in (clean_line(each, limit=len(each)) for each in lines):
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()
