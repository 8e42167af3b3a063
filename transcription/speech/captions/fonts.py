"""The fonts that Scripta brings along, and which characters they can draw.

A character that no font has would come out as an empty box. So texts are looked through before anything is drawn, and
refused in words: ``MissingFont``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from unicodedata import category, name

from fontTools.ttLib import TTFont

from transcription.speech.errors import MissingFont

FOLDER = Path(__file__).parents[2] / "fonts"
BASE = "Noto Sans"
_CJK = {"ja": "Noto Sans CJK JP", "ko": "Noto Sans CJK KR", "yue": "Noto Sans CJK HK"}
"""One file has all Han characters in the shapes of each country; the family says which. Else those of the mainland."""
_SIMPLIFIED = "Noto Sans CJK SC"
_ARABIC, _WHOLE_ARABIC = "Noto Sans Arabic", "Vazirmatn"
"""The first has all letters, but draws dots and bodies apart: in a PDF each counts as a letter, and no word is found.
The second draws whole letters, and has those of Arabic, Persian, Urdu and Pashto."""
_NAMED = 3
"""Characters that a refusal names."""


@dataclass(frozen=True, slots=True)
class Font:
    family: str
    path: Path
    coverage: bytes
    """A bit for each character: sets of numbers would take fifty megabytes."""
    height: float
    """Of a line, in ems. ASS and Windows call this a font's size."""

    def has(self, character: str) -> bool:
        place, bit = divmod(ord(character), 8)
        return place < len(self.coverage) and bool(self.coverage[place] >> bit & 1)


@cache
def fonts() -> tuple[Font, ...]:
    """In the order in which they are asked: the general one, one for each script, emoji, Chinese and its neighbours."""
    return tuple(_load(path) for path in [*sorted(FOLDER.glob("*_400Regular.ttf"), key=_rank), cjk_path()])


def _rank(path: Path) -> tuple[bool, bool, str]:
    return path.stem != "NotoSans_400Regular", "Emoji" in path.stem, path.stem


def cjk_path() -> Path:
    return Path(str(files("noto_cjk_sans_otc"))) / "NotoSansCJK-Regular.ttc"


def _load(path: Path) -> Font:
    with TTFont(path, fontNumber=0, lazy=True) as font:
        metrics = font["OS/2"]
        height = (metrics.usWinAscent + metrics.usWinDescent) / font["head"].unitsPerEm
        return Font(str(font["name"].getDebugName(1)), path, _bits(font.getBestCmap()), height)


def _bits(characters: Collection[int]) -> bytes:
    bits = bytearray(max(characters) // 8 + 1)
    for number in characters:
        bits[number // 8] |= 1 << number % 8
    return bytes(bits)


def family_of(font: Font, language: str) -> str:
    return _CJK.get(language, _SIMPLIFIED) if font.family.startswith("Noto Sans CJK") else font.family


def families(language: str, letters: Collection[str]) -> list[str]:
    """All, in order, for programs that look for a font themselves, and whose text has these letters."""
    names = [family_of(font, language) for font in fonts()]
    known = {font.family: font for font in fonts()}
    drawn = (known[BASE], known[_WHOLE_ARABIC])
    if all(any(font.has(letter) for font in drawn) for letter in letters if known[_ARABIC].has(letter)):
        names.remove(_ARABIC)
    return names


def runs(text: str) -> Iterator[tuple[Font, str]]:
    """The text in pieces of one font each. Marks and joiners stay with what they belong to. Raises ``MissingFont``."""
    current, piece = fonts()[0], ""
    for character in text:
        found = _font_of(character, current)
        if found is None:
            raise _refusal([character])
        if found is not current and piece:
            yield current, piece
            piece = ""
        current = found
        piece += character
    if piece:
        yield current, piece


def require(texts: Iterable[str]) -> None:
    """Raises ``MissingFont`` if any character of these cannot be drawn."""
    characters = {character for text in texts for character in text}
    if missing := sorted(c for c in characters if _font_of(c, fonts()[0]) is None):
        raise _refusal(missing)


def _font_of(character: str, current: Font) -> Font | None:
    kind = category(character)
    if kind in ("Cf", "Cc", "Zl", "Zp") or "\ufe00" <= character <= "\ufe0f":  # nothing is drawn
        return current
    if kind[0] in "MZ" and current.has(character):
        return current
    return next((font for font in fonts() if font.has(character)), None)


def _refusal(missing: list[str]) -> MissingFont:
    named = ", ".join(f"{c} ({name(c, f'U+{ord(c):04X}').capitalize()})" for c in missing[:_NAMED])
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    return MissingFont(
        f"This text has characters for which the server has no font: {named}{more}. Choose Word or plain text instead.",
        detail=f"{len(missing)} characters",
    )
