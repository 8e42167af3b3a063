"""The markup of a transcript's words. A page holds some 2,400: made here, as a template would take far longer.

Words are text, and an attribute beside it tells when each begins: the page makes elements of them where it needs them.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from transcription.models import Speaker, TranscriptSegment
from transcription.speech.terms import TermFinder

register = template.Library()

DOUBTFUL = 0.4
VERY_DOUBTFUL = 0.2
"""Word probabilities below which a word is marked."""
COLOURS = 8
"""Of speakers; their names tell them apart as well."""

_DOUBTS = {
    "loop": _("The same words may have been written too often."),
    "endless": _("The same words may have been written too often."),
    "unsure": _("This was hard to hear: listen and compare."),
}
"""For the names that ``speech.guards`` gives."""


@register.simple_tag
def words(segment: TranscriptSegment, terms: TermFinder | str | None = None) -> SafeString:
    """The text, in which doubtful words and those of ``terms`` are ``<span data-start class>``.

    A template gives "" where there are no terms.
    """
    if not segment.words:  # it was imported: the passage itself is what can be played and followed
        return format_html('<span data-start="{}">{}</span>', f"{segment.start:.2f}", segment.text.strip())
    named = terms.in_words([word[2] for word in segment.words]) if isinstance(terms, TermFinder) else ()
    said = term_attributes() if named else ""
    marked = (_word(word, said if place in named else "") for place, word in enumerate(segment.words))
    return mark_safe("".join(marked).strip())  # noqa: S308 -- each text is escaped


def _word(word: list[Any], term: str) -> str:
    """``word``: start, end, text and probability, and whether somebody wrote it; ``term``: attributes of a term's."""
    start, _end, text, probability = word[:4]
    stripped = text.lstrip()
    space = " " if len(stripped) < len(text) else ""
    kinds = ["term"] if term else []
    if probability < DOUBTFUL:
        kinds.append("doubt2" if probability < VERY_DOUBTFUL else "doubt1")
    if not kinds:
        return f"{space}{escape(stripped)}"
    return f'{space}<span data-start="{start:.2f}" class="{" ".join(kinds)}"{term}>{escape(stripped)}</span>'


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


def term_attributes() -> str:
    """What says of a word that it is a term: to those who point at it, and to screen readers."""
    said = escape(gettext("One of the names and terms that the transcription was told of"))
    return f' title="{said}" aria-description="{said}"'


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
    return str(_DOUBTS.get(code, gettext("This passage may be wrong: listen and compare.")))
