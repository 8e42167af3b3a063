"""What captions must know of single characters: which may be written, how wide they are, where a line may end."""

from __future__ import annotations

from functools import lru_cache
from unicodedata import category

import regex

UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\u3000-\u303f\u30fc\uff01-\uff65"
"""Scripts written without spaces, with the punctuation of Chinese and Japanese."""

_UNSPACED_CHARACTER = regex.compile(f"[{UNSPACED}]")
_GRAPHEME = regex.compile(r"\X")
_OPENING = "([{（「『《【〈“‘«¿¡เแโใไ"
"""Never the last of a line: opening brackets and quotes, and the Thai vowels written before their consonant."""
_CLOSING = ")]}）」』》】〉”’»、。，．,.!?！？:;：；・…‥ー々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ%％℃ะาำๆฯ"
"""Never the first of a line: closing brackets, punctuation, small kana and marks of repetition (JIS X 4051)."""


def clean(text: str) -> str:
    """Text that every format can hold: all white space as single spaces, no control characters, valid Unicode.

    White space at either end becomes one space, because a word's leading space says that it starts a new word.
    Joiners and directional marks stay: emoji, Persian and Hebrew need them.
    """
    if text.isprintable():
        return text if "  " not in text else regex.sub(" +", " ", text)
    text = regex.sub(r"\s", " ", text)
    kept = ("\ufffd" if category(c) == "Cs" else c for c in text if category(c) != "Cc" and c != "\ufeff")
    return str(regex.sub(" +", " ", "".join(kept)))  # at last: what stood between two spaces may be gone


def is_visible(text: str) -> bool:
    """Whether anything of the text can be seen: not only joiners, marks of direction and spaces."""
    return any(character.isalnum() or category(character) not in ("Cf", "Mn", "Zs") for character in text)


def graphemes(text: str) -> list[str]:
    """What a reader takes for single characters, such as a letter with its accents or a joined emoji."""
    found: list[str] = _GRAPHEME.findall(text)
    return found


@lru_cache(maxsize=50_000)
def width(text: str, language: str = "") -> float:
    """Characters that a reader sees. In Chinese, Japanese and Korean, Latin letters and digits count half: a
    full-width character takes the room of two."""
    latin = 0.5 if language in ("zh", "yue", "ja", "ko") else 1.0
    if text.isascii():
        return sum(latin if c.isalnum() else 1.0 for c in text) if latin < 1 else float(len(text))
    return sum(latin if c.isascii() and c.isalnum() else 1.0 for c in text if category(c) not in ("Mn", "Me", "Cf"))


def is_unspaced(character: str) -> bool:
    return not character.isascii() and _UNSPACED_CHARACTER.match(character) is not None


def may_break(before: str, after: str) -> bool:
    """Whether a line may end between two texts that no space separates."""
    last, first = before[-1], after[0]
    if not (is_unspaced(last) or is_unspaced(first)):
        return False
    return last not in _OPENING and first not in _CLOSING and category(first)[0] != "M" and category(first) != "Cf"


def needs_space(before: str, after: str) -> bool:
    """Whether two sentences are joined by a space."""
    return not (is_unspaced(before[-1]) and is_unspaced(after[0]))
