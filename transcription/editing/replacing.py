"""Find and replace: plain text, never a pattern, so that nobody's search can hang the server."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_SEARCH = 200


@dataclass(frozen=True, slots=True)
class Search:
    """``text`` as it was typed; by default in any case and inside of words too."""

    text: str
    match_case: bool = False
    whole_words: bool = False

    def pattern(self) -> re.Pattern[str]:
        inner = r"\s+".join(re.escape(part) for part in unicodedata.normalize("NFC", self.text).split())
        if self.whole_words:
            inner = rf"(?<!\w){inner}(?!\w)"
        return re.compile(inner, 0 if self.match_case else re.IGNORECASE)


def places(search: Search, text: str) -> list[tuple[int, int]]:
    """Where it stands in a text: from and to, by characters."""
    return [match.span() for match in search.pattern().finditer(text)] if search.text.strip() else []


def replaced(search: Search, text: str, replacement: str) -> str:
    """The text with every place replaced. The replacement is taken as it is."""
    return "".join(part for part, _ in parts(search, text, replacement))


def parts(search: Search, text: str, replacement: str | None) -> Iterator[tuple[str, bool]]:
    """The new text in pieces, and whether each is new: for a preview. Without a replacement, what was found instead."""
    done = 0
    for begin, end in places(search, text):
        if begin > done:
            yield text[done:begin], False
        yield text[begin:end] if replacement is None else replacement, True
        done = end
    if done < len(text):
        yield text[done:], False
