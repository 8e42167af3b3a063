"""Where in a passage the words are that were searched for."""

from __future__ import annotations

import re
from typing import Any

from transcription.services.search_index import SIMPLE, configuration_of
from transcription.services.search_query import Query, without_signs

Spans = tuple[tuple[int, int], ...]
"""Beginnings and ends of characters, in order, without overlaps."""


def find_marks(cursor: Any, query: Query, texts: list[tuple[str, str]]) -> list[Spans]:
    """Where its words are in each text, given with its language: as written, or by their stems."""
    if not query.match:
        return [() for _ in texts]
    configurations = [name for _, language in texts for name in (SIMPLE, configuration_of(language))]
    plain = [without_signs(text.translate(_UNMARKED)) for text, _ in texts for _ in range(2)]
    cursor.execute(
        _MARKED, [query.match, f'HighlightAll=true, StartSel="{_OPEN}", StopSel="{_CLOSE}"', configurations, plain]
    )
    marked = [_spans(row[0], text) for row, text in zip(cursor.fetchall(), plain, strict=True)]
    runs = [_runs(text, query.runs) for text, _ in texts]
    return [_united(marked[2 * n] | marked[2 * n + 1] | runs[n]) for n in range(len(texts))]


def _runs(text: str, runs: tuple[str, ...]) -> set[tuple[int, int]]:
    """Postgres would mark each of their letters wherever it is."""
    return {found.span() for run in runs for found in re.finditer(re.escape(run), text)}


def _spans(marked: str, text: str) -> set[tuple[int, int]]:
    if marked.translate(_WITHOUT_MARKS) != text:  # Postgres leaves some things out, such as parts of addresses
        return set()
    return {
        (match.start() - 2 * number, match.end() - 2 * number - 2)
        for number, match in enumerate(_MARK.finditer(marked))
    }


def _united(spans: set[tuple[int, int]]) -> Spans:
    united: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if united and start < united[-1][1]:
            start, end = united[-1][0], max(end, united.pop()[1])
        united.append((start, end))
    return tuple(united)


_OPEN, _CLOSE = "\x02", "\x03"
_MARK = re.compile(f"{_OPEN}.*?{_CLOSE}", re.DOTALL)
_UNMARKED = {ord(_OPEN): " ", ord(_CLOSE): " "}
_WITHOUT_MARKS = {ord(_OPEN): None, ord(_CLOSE): None}
_MARKED = """
    SELECT ts_headline(configuration::regconfig, text, asked.match::tsquery, asked.options)
    FROM (SELECT %s AS match, %s AS options) AS asked,
         unnest(%s::text[], %s::text[]) WITH ORDINALITY AS given(configuration, text, number) ORDER BY number
"""
