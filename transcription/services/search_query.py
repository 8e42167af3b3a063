"""What was typed into a search box, as a ``tsquery`` of Postgres, and what Postgres knows of its words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from transcription.models import TranscriptSegment
from transcription.services.search_index import PARTICLED, PUNCTUATION, SIMPLE, UNSPACED, configuration_of

SEGMENTS = TranscriptSegment._meta.db_table
SHORTEST_BEGINNING = 3
"""Characters of a word that is still being typed, from which on it counts as the beginning of any word."""
_EXCLUDING = re.compile(r"(?:^|\s)-")
_IN_ORDER = re.compile(r"('(?:[^'\\]|''|\\.)*')|<(?:-|\d+)>")
_NO_ROW = re.compile(r"[|!<]|^$")
_TYPED = re.compile(rf"[^\W_]{{{SHORTEST_BEGINNING},}}$")
_SIGN = re.compile(f"[{PUNCTUATION}]")
_QUOTES = str.maketrans("“”„«»", '"' * 5)
_RUN = re.compile(rf"(-?)([{UNSPACED}]+)")
_PARTICLED = re.compile(rf"('[^']*[{PARTICLED}]')")


@dataclass(frozen=True, slots=True)
class Query:
    """``match``: what passages must satisfy, "" if no word was asked for. ``loose``: the same, in whatever order.

    ``in_a_row``: satisfied by the best of them, which have all words as they were asked for, one after the other.
    ``runs``: what was asked for in a writing without blanks, letters that follow each other.
    """

    match: str = ""
    loose: str = ""
    in_a_row: str = ""
    runs: tuple[str, ...] = ()

    @property
    def has_order(self) -> bool:
        return self.match != self.loose


def is_as_written(text: str) -> bool:
    """Something is quoted or excluded: then words are meant as they stand."""
    return '"' in text.translate(_QUOTES) or is_excluding(text)


def is_excluding(text: str) -> bool:
    return bool(_EXCLUDING.search(text))


def without_signs(text: str) -> str:
    """With blanks for signs that Postgres might take for letters, as the index is made; of the same length."""
    return _SIGN.sub(" ", text)


def to_query(cursor: Any, text: str, languages: Iterable[str], *, is_typed: bool = False) -> Query:
    """Words as they are, or their stems in any of the languages, unless they are meant as written.

    ``is_typed``: somebody is typing still, and the last word may be the beginning of one.
    """
    text = without_signs(text.translate(_QUOTES))
    as_written = is_as_written(text)
    stems = () if as_written else sorted({configuration_of(language) for language in languages} - {SIMPLE})
    names = [SIMPLE, *stems]
    parts = ", ".join("websearch_to_tsquery(%s::regconfig, %s)::text" for _ in names)
    cursor.execute(f"SELECT {parts}", [value for name in names for value in (name, _spaced(text))])
    found = [_PARTICLED.sub(r"\1:*", query) for query in cursor.fetchone()]
    if is_typed and not as_written and found[0].endswith("'") and _TYPED.search(text):
        found.append(f"{found[0]}:*")
    # Each once: what is there twice would be estimated, and looked up, twice.
    match = " | ".join(f"({part})" for part in dict.fromkeys(found) if part)
    loose = match if "!" in match else _IN_ORDER.sub(lambda found: found[1] or "&", match)
    in_a_row = match if _NO_ROW.search(found[0]) else found[0].replace(" & ", " <-> ")
    return Query(match, loose, in_a_row, tuple(run for minus, run in _RUN.findall(text) if not minus))


def _spaced(text: str) -> str:
    """Letters of writings without blanks as words in a row."""
    parts = text.split('"')
    parts[::2] = [_RUN.sub(lambda run: f' {run[1]}"{" ".join(run[2])}" ', part) for part in parts[::2]]
    parts[1::2] = [_RUN.sub(lambda run: f" {' '.join(run[2])} ", part) for part in parts[1::2]]
    return '"'.join(parts)


def estimate_matches(cursor: Any, query: Query) -> int:
    """How many segments have all its words, of everybody's, by the statistics that Postgres keeps."""
    cursor.execute(f"EXPLAIN (FORMAT JSON) SELECT 1 FROM {SEGMENTS} WHERE search @@ %s::tsquery", [query.loose])
    plan = cursor.fetchone()[0]
    return int((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]["Plan Rows"])
