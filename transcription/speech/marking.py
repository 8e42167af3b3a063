"""Marks texts that pages translate; this package itself knows no languages of its readers."""

from __future__ import annotations


def gettext_noop(text: str) -> str:
    """The text as it is. ``makemessages`` finds it by the name of this function."""
    return text
