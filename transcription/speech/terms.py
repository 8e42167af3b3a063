"""Where names and terms occur in a text: whole words, in any case of letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from transcription.speech.captions.characters import is_unspaced

_WORD = re.compile(r"\w+(?:['’]\w+)*")


def find_terms(passages: Iterable[tuple[float, str]], terms: Sequence[str]) -> Mapping[str, list[float]]:
    """For each term, the start of the passage of every occurrence, in order; an empty list for none.

    ``passages`` are start and text. Scripts without spaces have no words to compare: there a term is found anywhere.
    For others the time is in proportion to the text, however many terms there are.
    """
    found: dict[str, list[float]] = {term: [] for term in terms}
    anywhere = [(term, _plain(term)) for term in found if _is_unspaced(term)]
    by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for term in found:
        words = tuple(_WORD.findall(_plain(term)))
        if words and not _is_unspaced(term):
            by_first.setdefault(words[0], []).append((words, term))
    for start, text in passages:
        plain = _plain(text)
        for term, sought in anywhere:
            found[term] += [start] * plain.count(sought)
        words_here = _WORD.findall(plain)
        for place, word in enumerate(words_here):
            for words, term in by_first.get(word, ()):
                if tuple(words_here[place : place + len(words)]) == words:
                    found[term].append(start)
    return found


def _is_unspaced(term: str) -> bool:
    return any(is_unspaced(character) for character in term)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
