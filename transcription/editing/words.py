"""Word times that survive a correction.

Old and new text are cut into pieces (runs of letters and digits, single signs, single characters of scripts without
spaces) and compared. A word all of whose pieces are still there, side by side, keeps its times. What stands between two
kept words shares the time of the words that it replaces, each by its number of characters.

A passage may also be given other times: then its words are fitted into them (``refit``). In the same way a correction
keeps the line breaks of a passage that has them (``broken_as``).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import accumulate, pairwise

import regex

from transcription.speech.captions.characters import UNSPACED
from transcription.speech.types import Word

_PIECE = regex.compile(
    rf"(?V1)[{UNSPACED}]\p{{M}}*|[[\w\p{{M}}]--[{UNSPACED}]]+(?:['’][[\w\p{{M}}]--[{UNSPACED}]]+)*|\S"
)
_ALONE = regex.compile(rf"[{UNSPACED}]")
_SIGN = regex.compile(r"[^\w\s]+")


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    spaced: bool
    """A space stands before it, or it is the first of a script with spaces."""


def retime(words: Sequence[Word], text: str, *, start: float, end: float) -> tuple[Word, ...]:
    """The words of the corrected ``text`` of a passage that lasts from ``start`` to ``end``, in seconds.

    ``text`` has single spaces and none at its ends. Without ``words`` there are no times to keep, and the result is
    empty. New words have probability 1 and are marked as edited; joined, all words give the text.
    """
    if not words:
        return ()
    new = _pieces(text)
    kept = _kept(words, new)
    result: list[Word] = []
    place, before = 0, -1
    for at, (index, length) in sorted(kept.items()):
        result += _spread(_tokens(new[place:at]), words[before + 1 : index], _span(words, before, index, start, end))
        text = _joined(new[at : at + length])
        unchanged = not at and words[index].text.strip() == text.strip()
        result.append(words[index] if unchanged else replace(words[index], text=text))
        place, before = at + length, index
    rest = _span(words, before, len(words), start, end)
    return (*result, *_spread(_tokens(new[place:]), words[before + 1 :], rest))


def _pieces(text: str) -> list[_Piece]:
    found = _PIECE.finditer(text)
    return [
        _Piece(each[0], text[each.start() - 1].isspace() if each.start() else not _ALONE.match(each[0]))
        for each in found
    ]


def _kept(words: Sequence[Word], new: list[_Piece]) -> dict[int, tuple[int, int]]:
    """Places in ``new`` at which an old word still stands: its index, and of how many pieces it is."""
    old = [_pieces(word.text) for word in words]
    firsts = list(accumulate(map(len, old), initial=0))
    places = _same([piece.text for pieces in old for piece in pieces], [piece.text for piece in new])
    kept: dict[int, tuple[int, int]] = {}
    for index in reversed(range(len(words))):
        pieces, first = old[index], firsts[index]
        at = places.get(first, -1)
        if not pieces or at < 0 or any(places.get(first + n) != at + n for n in range(len(pieces))):
            continue
        if at and any(a.spaced != b.spaced for a, b in zip(_as_written(words[index], pieces), new[at:], strict=False)):
            continue
        behind = at + len(pieces)
        if behind < len(new) and behind not in kept and _clings(new[behind]):
            continue  # something was written onto its end: it is another word now
        kept[at] = (index, len(pieces))
    return kept


def _as_written(word: Word, pieces: list[_Piece]) -> list[_Piece]:
    """With a space before the first only where the word has one."""
    return [replace(pieces[0], spaced=word.text[:1].isspace()), *pieces[1:]]


def _clings(piece: _Piece) -> bool:
    return not piece.spaced and not _ALONE.match(piece.text)


def _same(old: list[str], new: list[str]) -> dict[int, int]:
    """Which piece of ``old`` is which of ``new``. Most corrections are small: equal beginnings and ends come first."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    places = {n: n for n in range(head)} | {len(old) - 1 - n: len(new) - 1 - n for n in range(tail)}
    matcher = SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail])
    for a, b, size in matcher.get_matching_blocks():
        places |= {head + a + n: head + b + n for n in range(size)}
    return places


def _joined(pieces: Sequence[_Piece]) -> str:
    return "".join((" " if each.spaced else "") + each.text for each in pieces)


def _tokens(pieces: Sequence[_Piece]) -> list[str]:
    """New words: a space begins one, and so does a character of a script without spaces. Signs cling to a word."""
    tokens: list[str] = []
    for piece in pieces:
        begins = piece.spaced or not tokens or (_ALONE.match(piece.text) and not _SIGN.fullmatch(piece.text))
        if begins:
            tokens.append(_joined([piece]))
        else:
            tokens[-1] += piece.text
    return tokens


def _span(words: Sequence[Word], before: int, behind: int, start: float, end: float) -> tuple[float, float]:
    """From when to when the words between two kept ones (by index) were spoken, or could have been."""
    least = words[before].end if before >= 0 else start
    most = words[behind].start if behind < len(words) else end
    replaced = words[before + 1 : behind]
    first = max(replaced[0].start, least) if replaced else least
    last = min(replaced[-1].end, most) if replaced else most
    return first, max(first, last)


def _spread(tokens: list[str], replaced: Sequence[Word], span: tuple[float, float]) -> Iterator[Word]:
    """As many words as before take over their times; else each gets a share of the time by its length."""
    if len(tokens) == len(replaced) and all(a.end <= b.start for a, b in pairwise(replaced)):
        for token, word in zip(tokens, replaced, strict=True):
            yield Word(max(word.start, span[0]), min(max(word.end, span[0]), span[1]), token, 1.0, edited=True)
        return
    for token, (begin, end) in zip(tokens, _shares(tokens, span), strict=True):
        yield Word(begin, end, token, 1.0, edited=True)


def _shares(texts: Sequence[str], span: tuple[float, float]) -> Iterator[tuple[float, float]]:
    """From when to when each is spoken, if all share the span by their number of characters."""
    first, last = span
    ends = [0, *accumulate(max(len(text), 1) for text in texts)]
    whole = max(ends[-1], 1)
    return pairwise(min(max(round(first + (last - first) * n / whole, 3), first), last) for n in ends)


def refit(words: Sequence[Word], *, start: float, end: float) -> tuple[Word, ...]:
    """The words of a passage that lasts from ``start`` to ``end``, in seconds, from now on.

    A word is inside if its middle is. Those inside keep their times, but for what reaches over an edge; those outside
    share the time of the nearest inside, up to the edge, by their number of characters. If none is inside, all share
    the passage.
    """
    inside = [n for n, word in enumerate(words) if start <= (word.start + word.end) / 2 <= end]
    if not inside:
        return tuple(_sharing(words, (start, end)))
    cut = [replace(word, start=min(max(word.start, start), end), end=max(min(word.end, end), start)) for word in words]
    first, last = inside[0], inside[-1]
    above = start if first else cut[first].start
    below = end if last < len(words) - 1 else cut[last].end
    if first == last:
        return tuple(_sharing(words, (above, below)) if len(words) > 1 else cut)
    head = _sharing(words[: first + 1], (above, cut[first].end)) if first else cut[:1]
    tail = _sharing(words[last:], (cut[last].start, below)) if last < len(words) - 1 else cut[last:]
    return (*head, *cut[first + 1 : last], *tail)


def _sharing(words: Sequence[Word], span: tuple[float, float]) -> Iterator[Word]:
    for word, (begin, end) in zip(words, _shares([word.text for word in words], span), strict=True):
        yield replace(word, start=begin, end=end)


def broken_as(before: str, text: str) -> str:
    """``text``, which is on one line, with the line breaks of ``before``, each between the same words as there."""
    lines = [_pieces(line) for line in before.splitlines()]
    if len(lines) < 2:
        return text
    old, new = [piece.text for line in lines for piece in line], _pieces(text)
    places = {-1: -1, len(old): len(new)} | _same(old, [piece.text for piece in new])
    kept = sorted(places)
    breaks = {_begin(_moved(at, kept, places), new) for at in list(accumulate(map(len, lines)))[:-1]}
    return "".join(
        ("\n" if n in breaks else " " if piece.spaced else "") + piece.text for n, piece in enumerate(new)
    ).strip()


def _moved(at: int, kept: list[int], places: dict[int, int]) -> int:
    """Where a break before an old piece is now: by the kept pieces around it, and by the number of pieces between."""
    next_one = bisect_left(kept, at)
    before, behind = kept[next_one - 1], kept[next_one]
    if behind == at and before < at - 1:
        return places[at]
    return min(places[before] + at - before, places[behind])


def _begin(place: int, pieces: list[_Piece]) -> int:
    """The first from there on that may begin a line; 0, which begins one already, where there is none."""
    possible = (n for n in range(place, len(pieces)) if pieces[n].spaced or _ALONE.match(pieces[n].text))
    return next(possible, 0) if place else 0
