"""What a client that edits remembers, to be held against what the server keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Sent:
    """An edit as it was asked for; ``seen`` are texts of passages that the person had before the eyes."""

    body: dict[str, Any]
    seen: dict[int, set[str]]


@dataclass(frozen=True, slots=True)
class Told:
    """A conflict: the text as it is now, None if the passage is gone."""

    index: int
    base: int
    mine: str
    text: str | None
    revision: int


@dataclass(slots=True)
class Journal:
    """All that a client knows."""

    sent: dict[str, Sent] = field(default_factory=dict)
    acknowledged: dict[str, int] = field(default_factory=dict)
    """Revisions by request."""
    told: list[Told] = field(default_factory=list)
    typed: set[str] = field(default_factory=set)
    """Words that nobody else writes, one for each visit to a field."""
    given_up: list[str] = field(default_factory=list)
    """Texts that the person let go, having seen the other."""
    refused: int = 0
    cut: int = 0
