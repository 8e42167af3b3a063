"""What the database's full-text index is made of: the words as written, and the stems of the language they are in."""

from __future__ import annotations

CONFIGURATIONS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
"""By language: every Postgres since 14 has these. Others are found by the words as they are written.

Migration 0005 holds a copy: whoever adds one writes a migration that makes the column anew.
"""
SIMPLE = "simple"


def configuration_of(language: str) -> str:
    return CONFIGURATIONS.get(language, SIMPLE)
