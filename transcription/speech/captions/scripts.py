"""What writers of documents must know of a text's script: its direction, and Word's tags for its language."""

from __future__ import annotations

from unicodedata import bidirectional

_RIGHT_TO_LEFT = frozenset(["ar", "he", "fa", "ur", "ps", "sd", "yi", "ug", "dv"])
_EAST_ASIAN = {"zh": "zh-CN", "yue": "zh-HK", "ja": "ja-JP", "ko": "ko-KR"}
_REGIONS = {"ar": "ar-SA", "he": "he-IL", "fa": "fa-IR", "ur": "ur-PK", "en": "en-US"}


def is_right_to_left(text: str, language: str = "") -> bool:
    """By the language where it is known to be; else by the first letter that has a direction, as browsers do."""
    if language in _RIGHT_TO_LEFT:
        return True
    return next((kind in ("R", "AL") for c in text if (kind := bidirectional(c)) in ("L", "R", "AL")), False)


def is_east_asian(language: str) -> bool:
    return language in _EAST_ASIAN


def language_tag(language: str) -> str:
    """A language of Whisper's as a BCP 47 tag with the region that office programs expect."""
    return _EAST_ASIAN.get(language) or _REGIONS.get(language, language)
