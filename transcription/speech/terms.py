"""Where names and terms occur in a text: whole words, in any case of letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from transcription.speech.captions.characters import is_unspaced

_WORD = re.compile(r"\w+(?:['’]\w+)*")


class TermFinder:
    """Finds any of these terms in passages.

    Scripts without spaces have no words to compare: there a term is found anywhere. For others the time is in
    proportion to the text, however many terms there are.
    """

    def __init__(self, terms: Iterable[str]) -> None:
        self.terms = list(dict.fromkeys(terms))
        self._anywhere = [(term, _plain(term)) for term in self.terms if _is_unspaced(term)]
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for term in self.terms:
            words = tuple(_WORD.findall(_plain(term)))
            if words and not _is_unspaced(term):
                self._by_first.setdefault(words[0], []).append((words, term))

    def __bool__(self) -> bool:
        return bool(self._anywhere or self._by_first)

    def in_text(self, text: str) -> Iterator[str]:
        """Each term as often as it occurs."""
        plain = _plain(text)
        for term, sought in self._anywhere:
            yield from [term] * plain.count(sought)
        yield from (term for _place, _length, term in self._in_words(_WORD.findall(plain)))

    def in_words(self, words: Sequence[str]) -> set[int]:
        """Which of a passage's words, as they were timed, belong to a term."""
        plain = [_plain(word) for word in words]
        owners, parts = [], []
        for place, word in enumerate(plain):
            found = _WORD.findall(word)
            parts += found
            owners += [place] * len(found)
        marked = {owners[at] for place, length, _term in self._in_words(parts) for at in range(place, place + length)}
        return marked | self._in_letters(plain) if self._anywhere else marked

    def _in_words(self, words: Sequence[str]) -> Iterator[tuple[int, int, str]]:
        """Place, number of words, and term of each occurrence."""
        for place, word in enumerate(words):
            for sought, term in self._by_first.get(word, ()):
                if tuple(words[place : place + len(sought)]) == sought:
                    yield place, len(sought), term

    def _in_letters(self, words: Sequence[str]) -> set[int]:
        """Of scripts without spaces, whose timed words are often single letters."""
        owners = [place for place, word in enumerate(words) for _letter in word.strip()]
        text = "".join(word.strip() for word in words)
        found: set[int] = set()
        for _term, sought in self._anywhere:
            at = text.find(sought)
            while at >= 0:
                found.update(owners[at : at + len(sought)])
                at = text.find(sought, at + len(sought))
        return found


def find_terms(passages: Iterable[tuple[float, str]], terms: Sequence[str]) -> Mapping[str, list[float]]:
    """For each term, the start of the passage of every occurrence, in order; an empty list for none.

    ``passages`` are start and text.
    """
    finder = TermFinder(terms)
    found: dict[str, list[float]] = {term: [] for term in finder.terms}
    for start, text in passages:
        for term in finder.in_text(text):
            found[term].append(start)
    return found


def _is_unspaced(term: str) -> bool:
    return any(is_unspaced(character) for character in term)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
