"""The markup of a transcript's words. A page holds some 2,400: made here, as a template would take far longer.

Words are text, and an attribute beside it tells when each begins: the page makes elements of them where it needs them.
"""

from __future__ import annotations

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from transcription.models import Speaker, TranscriptSegment

register = template.Library()

DOUBTFUL = 0.4
VERY_DOUBTFUL = 0.2
"""Word probabilities below which a word is marked."""
COLOURS = 8
"""Of speakers; their names tell them apart as well."""

_DOUBTS = {
    "loop": "The same words may have been written too often.",
    "endless": "The same words may have been written too often.",
    "unsure": "This was hard to hear: listen and compare.",
}
"""For the names that ``speech.guards`` gives."""


@register.simple_tag
def words(segment: TranscriptSegment) -> SafeString:
    """The text, in which doubtful words are ``<span data-start class>``."""
    if not segment.words:  # it was imported: the passage itself is what can be played and followed
        return format_html('<span data-start="{}">{}</span>', f"{segment.start:.2f}", segment.text.strip())
    return mark_safe("".join(_word(*word) for word in segment.words).strip())  # noqa: S308 -- each text is escaped


@register.simple_tag
def word_times(segment: TranscriptSegment) -> SafeString:
    """Start in seconds and length of each word, counted as JavaScript does; a space before it is left out."""
    if not segment.words:
        return mark_safe("")
    texts = [word[2].lstrip() for word in segment.words]
    texts[-1] = texts[-1].rstrip()
    times = (f"{word[0]:.2f},{_units(text)}" for word, text in zip(segment.words, texts, strict=True))
    return format_html(' data-words="{}"', " ".join(times))


def _units(text: str) -> int:
    """UTF-16."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _word(start: float, end: float, text: str, probability: float, edited: bool = False) -> str:
    stripped = text.lstrip()
    space = " " if len(stripped) < len(text) else ""
    if probability >= DOUBTFUL:
        return f"{space}{escape(stripped)}"
    level = 2 if probability < VERY_DOUBTFUL else 1
    return f'{space}<span data-start="{start:.2f}" class="doubt{level}">{escape(stripped)}</span>'


@register.filter
def named(names: dict[int, str], number: int) -> str:
    """A speaker's name; one that is not known has its number."""
    return names.get(number) or str(Speaker(number=number))


@register.filter
def colour(number: int) -> int:
    """Of a speaker: one of eight, from 1."""
    return (number - 1) % COLOURS + 1


@register.filter
def doubt_words(code: str) -> str:
    """Why a passage should be checked."""
    return _DOUBTS.get(code, "This passage may be wrong: listen and compare.")
