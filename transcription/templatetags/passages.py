"""The markup of a passage in which something was found."""

from __future__ import annotations

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from transcription.services.search import Passage

register = template.Library()

BEFORE, LENGTH = 80, 320
"""Characters that are shown before the first place, and in all."""
WORD = 30
"""An excerpt begins and ends between words that are at most so long."""


@register.simple_tag
def marked(passage: Passage) -> SafeString:
    """The text, or what is around the first place of a long one, with ``<mark>`` around what was found."""
    text = passage.text
    first, last = _excerpt(text, passage.highlights[0][0] if passage.highlights else 0)
    parts, position = ["… " if first else ""], first
    for start, end in passage.highlights:
        if start < first or end > last:
            continue
        parts += [escape(text[position:start]), "<mark>", escape(text[start:end]), "</mark>"]
        position = end
    parts += [escape(text[position:last]), " …" if last < len(text) else ""]
    return mark_safe("".join(parts))  # noqa: S308 -- each text is escaped


def _excerpt(text: str, place: int) -> tuple[int, int]:
    if len(text) <= LENGTH:
        return 0, len(text)
    first = max(0, min(place - BEFORE, len(text) - LENGTH))
    last = min(len(text), first + LENGTH)
    if first and (blank := text.find(" ", first, min(first + WORD, place + 1))) >= 0:
        first = blank + 1
    if last < len(text) and (blank := text.rfind(" ", last - WORD, last)) > place:
        last = blank
    return first, last
