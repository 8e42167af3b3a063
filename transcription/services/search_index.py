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

Migration 0011 holds a copy: whoever adds one writes a migration with the trigger of 0016 anew, and updates the segments
in this language.
"""
SIMPLE = "simple"
PUNCTUATION = (
    "&/<>\u00a0-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u0589\u05be\u05f3\u05f4\u060c\u061b"
    "\u061f\u066a-\u066d\u06d4\u0964\u0965\u2000-\u206f\u20a0-\u20cf\u2190-\u2bff\u2e00-\u2e7f"
    "\u3000-\u3004\u3008-\u3020\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
"""Signs, for a regular expression: those of ASCII of which Postgres makes tags, entities and paths, whose words it
leaves out, and others, which it takes for letters where a database's locale is C. Migration 0016 holds a copy."""
UNSPACED = (
    "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3021-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U0001f000-\U0001faff"
)
"""Letters of writings without blanks between words (Thai, Lao, Burmese, Khmer, Kana, Han) and emoji, for a regular
expression: each is a word of its own in the index, so that any part of a text is found, as words in a row. Migration
0016 holds a copy."""
PARTICLED = "\uac00-\ud7a3"
"""Letters of Korean, for a regular expression: its words end in particles (예산을), so each that is asked for is taken
as the beginning of one."""
BLOCK_BITS = 14
"""16,384 segments, numbered as they were written, are a block; each segment names its own in the index."""
_LEVELS = "abcde"
"""Names of blocks of 1, 4, 16, 64 and 256 blocks."""


def blocks_since(first: int, newest: int) -> str:
    """A tsquery for all segments from block ``first`` on, with few words: a large block stands for its small ones."""
    words = []
    while first <= newest:
        level = max(n for n in range(len(_LEVELS)) if first % 4**n == 0)
        words.append(f"' {_LEVELS[level]}{first // 4**level}'")
        first += 4**level
    return " | ".join(words)


def configuration_of(language: str) -> str:
    return CONFIGURATIONS.get(language, SIMPLE)
