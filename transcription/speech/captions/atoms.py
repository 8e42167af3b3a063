"""From segments to atoms: the smallest pieces of timed text that a caption may be cut between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isfinite

import regex

from transcription.speech.captions import characters
from transcription.speech.captions.rules import rules_for
from transcription.speech.types import Segment, Word

_LONGEST_UNSPACED_WORD = 4
"""A longer run in a script without spaces is no word, but a phrase whose words were not told apart."""
_PHRASE = regex.compile(rf"[^{characters.UNSPACED}]+|\X")


@dataclass(slots=True)
class Atom:
    """A word with its punctuation; in scripts without spaces a character or two. Times in seconds.

    ``spaced`` says that a space comes before it within a line, ``turn`` that a caption must not hold it together with
    the atom before: another speaker or another language.
    """

    text: str
    start: float
    end: float
    spaced: bool
    language: str
    speaker: str = ""
    turn: bool = False


def atoms_of(segments: Iterable[Segment]) -> list[Atom]:
    """Atoms in order, none wider than a line, with starts that never decrease and ends not before their starts.

    Words come with the segments; where a segment has none, or none that match its text (it was edited), its text is
    spread evenly over its time.
    """
    atoms: list[Atom] = []
    for segment in segments:
        atoms.extend(_of_segment(segment, atoms[-1] if atoms else None))
    return _in_order([part for atom in atoms for part in _chopped(atom)])


def _of_segment(segment: Segment, previous: Atom | None) -> list[Atom]:
    atoms: list[Atom] = []
    speaker = characters.clean(segment.speaker).strip()
    for piece in _pieces(segment):
        if atoms and not piece.spaced and not characters.may_break(atoms[-1].text, piece.text):
            atoms[-1].text += piece.text
            atoms[-1].end = piece.end
        elif characters.is_visible(piece.text):
            atoms.append(piece)
    for atom in atoms:
        atom.speaker = speaker
    if atoms and segment.is_placed:
        atoms[0].start = min(atoms[0].start, segment.start)
        atoms[-1].end = max(atoms[-1].end, segment.end)
    if atoms and previous is not None:
        atoms[0].spaced = characters.needs_space(previous.text, atoms[0].text)
        atoms[0].turn = (previous.language, previous.speaker) != (segment.language, speaker)
    return atoms


def _pieces(segment: Segment) -> Iterator[Atom]:
    words: Iterable[Word] = segment.words
    if "".join(word.text for word in words).split() != segment.text.split():
        words = [Word(segment.start, segment.end, f" {segment.text}", 1.0)]
    pending_space = False
    for word in words:
        text = characters.clean(word.text)
        spaced = pending_space or text.startswith(" ")
        pending_space = text.endswith(" ")
        parts = text.split()
        if len(parts) == 1 and (text.isascii() or len(parts[0]) <= _LONGEST_UNSPACED_WORD):
            yield Atom(parts[0], word.start, word.end, spaced, segment.language)
        else:
            yield from _spread(parts, word, spaced, segment.language)


def _spread(parts: list[str], word: Word, spaced: bool, language: str) -> Iterator[Atom]:
    """Several words in one token share its time by their number of characters."""
    share = (word.end - word.start) / max(1, sum(map(len, parts)))
    at = word.start
    for part in parts:
        for piece in _phrase(part):
            yield Atom(piece, at, at + share * len(piece), spaced, language)
            at += share * len(piece)
            spaced = False
        spaced = True


def _phrase(text: str) -> list[str]:
    if text.isascii() or len(text) <= _LONGEST_UNSPACED_WORD:
        return [text]
    found: list[str] = _PHRASE.findall(text)
    return found


def _chopped(atom: Atom) -> list[Atom]:
    """An atom wider than a line (an address, a run without spaces) in parts that fit; most atoms as they are."""
    limit = rules_for(atom.language).line_width
    if characters.width(atom.text, atom.language) <= limit:
        return [atom]
    parts = [""]
    for grapheme in characters.graphemes(atom.text):
        if characters.width(parts[-1] + grapheme, atom.language) > limit:
            parts.append("")
        parts[-1] += grapheme
    share = (atom.end - atom.start) / len(parts)
    return [
        Atom(
            part,
            atom.start + share * index,
            atom.start + share * (index + 1),
            atom.spaced and index == 0,
            atom.language,
            atom.speaker,
            atom.turn and index == 0,
        )
        for index, part in enumerate(parts)
    ]


def _in_order(atoms: list[Atom]) -> list[Atom]:
    """Word times come from an alignment that may stumble: repair what is not a time or runs backwards."""
    now = 0.0
    for atom in atoms:
        atom.start = max(now, atom.start) if isfinite(atom.start) else now
        atom.end = max(atom.start, atom.end) if isfinite(atom.end) else atom.start
        now = atom.start
    return atoms
