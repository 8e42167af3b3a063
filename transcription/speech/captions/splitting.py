"""Where captions begin and end: the cheapest division of the whole text, found by dynamic programming.

Every possible caption has a price: for itself, for the break at its end and between its lines (`grammar.break_cost`),
for being read too fast, shown too short or kept over a pause. The division with the lowest sum is found as in Knuth
and Plass, "Breaking paragraphs into lines" (1981): the best way to reach each word from the words before it. Captions
hold at most two lines, so each word is reached from about 11 others and the work grows with the length of the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from math import inf

from transcription.speech.captions.atoms import Atom, atoms_of
from transcription.speech.captions.characters import width
from transcription.speech.captions.grammar import SENTENCE, TORN, break_cost, ends_sentence
from transcription.speech.captions.rules import LINES, CaptionRules, Cue, label_of, rules_for
from transcription.speech.types import Segment

LONGEST_PAUSE = 1.5
"""Seconds of silence that no caption is kept over: what is said after it would be read before it is heard."""

# Prices, on the scale of grammar.break_cost, where an ordinary break between two words costs 32.
_CUE = 12.0
"""Each caption, so that short sentences share one; less than a sentence's end inside a caption (14), so that two
sentences of a comfortable length do not."""
_SENTENCE_INSIDE = 14.0
_PAUSE_INSIDE = 30.0
"""A second of silence inside a caption."""
_PAUSE_DISCOUNT = 24.0
"""What a second of silence takes off the price of a break there; grammar costs less where the speaker rests."""
_LINE_BREAK = 0.5
"""A break between the lines of one caption disturbs half as much as one between captions: both halves are seen."""
_FLASH = 150.0
"""Below the shortest time."""
_BRIEF = 10.0
"""A second below ``_UNHURRIED``: allowed, but hurried."""
_UNHURRIED = 2.0
_FEW_CHARACTERS = 14.0
"""Each character below it costs one: a word alone on the screen is restless."""


def split(segments: Iterable[Segment], *, labels: bool = False) -> list[Cue]:
    """Captions of a transcript, by the rules of each segment's language; ``check`` reports the rules not kept.

    A caption holds the words of one speaker; with ``labels`` the first line of a turn leaves room for the name. Where
    rules collide they give way in this order: comfortable speed, end at most 0.5 s after the last word (so that a lone
    short word can be read for a second), shortest time, gap. Line widths, order and starts hold always, except that
    words with one and the same time start a millisecond after each other, and that a word may be too long beside a
    label.
    """
    atoms = atoms_of(segments)
    if not atoms:
        return []
    table = _Table(atoms, labels=labels)
    return _timed(table, table.divide())


def broken(segment: Segment) -> tuple[str, ...]:
    """The lines of a text that is one caption: two at most if that is enough, else as many as it takes."""
    table = _Table(atoms_of([replace(segment, words=())]), labels=False)
    bounds = [0]
    while bounds[-1] < len(table.atoms):
        bounds.append(table.line_end[bounds[-1]])
    if len(bounds) > LINES + 1:
        return tuple(_joined(table.atoms[first:last]) for first, last in pairwise(bounds))
    return tuple(_joined(line) for line in table.lines(0, len(table.atoms)))


class _Table:
    """What the search needs of each atom, computed once. Position n is the break before atom n."""

    def __init__(self, atoms: Sequence[Atom], *, labels: bool) -> None:
        self.atoms = atoms
        self.rules = [rules_for(atom.language) for atom in atoms]
        self.starts = [*(atom.start for atom in atoms), inf]
        self.ends = [atom.end for atom in atoms]
        widths = [width(atom.text, atom.language) for atom in atoms]
        self.right = [0.0, *accumulate(w + atom.spaced for w, atom in zip(widths, atoms, strict=True))]
        self.left = [at + atom.spaced for at, atom in zip(self.right, atoms, strict=False)]
        """A line of the atoms i to j-1 is ``right[j] - left[i]`` characters wide."""
        self.pauses = [0.0, *(max(0.0, b.start - a.end) for a, b in zip(atoms, atoms[1:], strict=False)), 0.0]
        self.apart = [atom.turn or pause > LONGEST_PAUSE for atom, pause in zip(atoms, self.pauses, strict=False)] + [
            True
        ]
        self.breaks = [SENTENCE, *(self._break(n) for n in range(1, len(atoms))), SENTENCE]
        self.inside = list(accumulate(self._inside(n) for n in range(len(atoms) + 1)))
        nothing = [0.0] * len(atoms)
        self.labels = self._labels() if labels else nothing
        """Of a caption that begins with each atom: the width of the name before it."""
        self.line_end = self._line_ends(nothing)
        self.first_end = self._line_ends(self.labels) if labels else self.line_end
        """The same of a caption's first line, which in the first caption of a turn has its speaker's name before it."""
        self.line_start = self._line_starts()

    def begins_turn(self, at: int) -> bool:
        return at == 0 or self.atoms[at - 1].speaker != self.atoms[at].speaker

    def _labels(self) -> list[float]:
        return [
            width(label_of(atom.speaker), atom.language) if self.begins_turn(at) else 0.0
            for at, atom in enumerate(self.atoms)
        ]

    def _break(self, at: int) -> float:
        if self.apart[at]:
            return SENTENCE
        before, after = self.atoms[at - 1], self.atoms[at]
        cost = break_cost(before.text, after.text, language=after.language, spaced=after.spaced)
        return max(SENTENCE, cost - _PAUSE_DISCOUNT * min(1.0, self.pauses[at]))

    def _inside(self, at: int) -> float:
        """The price of going over position ``at`` within one caption."""
        sentence = at > 0 and ends_sentence(self.atoms[at - 1].text)
        return _PAUSE_INSIDE * max(0.0, self.pauses[at] - 0.3) + (_SENTENCE_INSIDE if sentence else 0.0)

    def _line_ends(self, taken: Sequence[float]) -> list[int]:
        """For each atom, the furthest position where a line that begins with it may end; ``taken`` from its width."""
        ends, end = [], 0
        for start in range(len(self.atoms)):
            end = max(end, start + 1)
            limit = self.rules[start].line_width + self.left[start] - taken[start]
            while end < len(self.atoms) and not self.apart[end] and self.right[end + 1] <= limit:
                end += 1
            ends.append(end)
        return ends

    def _line_starts(self) -> list[int]:
        """For each position, the earliest atom that a line which ends there may begin with."""
        starts, start = [0], 0
        for end in range(1, len(self.atoms) + 1):
            while self.line_end[start] < end:
                start += 1
            starts.append(start)
        return starts

    def divide(self) -> list[int]:
        """Positions of the cheapest division, from 0 to the number of atoms."""
        count = len(self.atoms)
        cheapest, origin = [0.0] + [inf] * count, [0] * (count + 1)
        for start in range(count):
            for end, cost in self._cues_from(start):
                if (total := cheapest[start] + cost) < cheapest[end]:
                    cheapest[end], origin[end] = total, start
        bounds = [count]
        while bounds[-1]:
            bounds.append(origin[bounds[-1]])
        return bounds[::-1]

    def _cues_from(self, start: int) -> Iterable[tuple[int, float]]:
        """The positions where a caption that begins with atom ``start`` may end, with its price."""
        rules, begin, left = self.rules[start], self.atoms[start].start, self.left[start] - self.labels[start]
        one_line, base = self.first_end[start], _CUE - self.inside[start]
        furthest = one_line if self.apart[one_line] else self.line_end[one_line]
        for end in range(start + 1, furthest + 1):
            spoken = self.ends[end - 1] - begin
            if spoken > rules.longest and end > start + 1:
                break
            shown = min(self.starts[end] - begin - rules.gap, max(spoken + rules.linger, rules.shortest))
            characters = self.right[end] - left
            cost = base + self.breaks[end] + self.inside[end - 1]
            if shown < _UNHURRIED or not _FEW_CHARACTERS <= characters <= rules.comfortable_rate * shown:
                cost += _reading(characters, shown, rules)
            if end > one_line:
                cost += _LINE_BREAK * min(self.breaks[self._second_line(start, end) : one_line + 1])
            yield end, cost

    def _second_line(self, start: int, end: int) -> int:
        """Where a caption's second line begins at the earliest: what has no room beside a name may fit alone."""
        return max(self.line_start[end], start + 1)

    def lines(self, start: int, end: int) -> list[Sequence[Atom]]:
        """The atoms of a caption as one line if it fits; else as the two that break best, even ones if in doubt."""
        if end <= self.first_end[start]:
            return [self.atoms[start:end]]

        def cost(at: int) -> float:
            uneven = abs(self.right[at] - self.left[start] - (self.right[end] - self.left[at]))
            return self.breaks[at] + uneven * 21 / self.rules[start].line_width

        best = min(range(self._second_line(start, end), self.first_end[start] + 1), key=cost)
        return [self.atoms[start:best], self.atoms[best:end]]


def _reading(characters: float, shown: float, rules: CaptionRules) -> float:
    """The price of the time that a caption leaves its reader."""
    cost = max(0.0, _FEW_CHARACTERS * rules.line_width / 42 - characters)
    if shown < rules.shortest:
        cost += _FLASH * (1.0 + rules.shortest - shown)
    elif shown < _UNHURRIED:
        cost += _BRIEF * (_UNHURRIED - shown)
    rate = characters / max(shown, 0.001)
    if rate > rules.highest_rate:
        return cost + TORN / 2 + 10.0 * min(rate - rules.highest_rate, 100.0)
    return cost + 4.0 * max(0.0, rate - rules.comfortable_rate)


def _timed(table: _Table, bounds: Sequence[int]) -> list[Cue]:
    """Captions between positions, in whole milliseconds."""
    cues = []
    earliest = 0
    for first, last in pairwise(bounds):
        group, rules = table.atoms[first:last], table.rules[first]
        speech_end = max(atom.end for atom in group)
        start = max(earliest, round(group[0].start * 1000))
        end = max(round((speech_end + rules.linger) * 1000), start + round(rules.shortest * 1000))
        end = min(end, start + round(rules.longest * 1000))
        if last < len(table.atoms):
            following = round(table.atoms[last].start * 1000)
            end = min(end, max(following - round(rules.gap * 1000), min(following, start + 1)))
        earliest = end = max(end, start + 1)
        lines = tuple(_joined(line) for line in table.lines(first, last))
        atom, begins = group[0], table.begins_turn(first)
        cues.append(Cue(start / 1000, end / 1000, lines, atom.language, atom.start, speech_end, atom.speaker, begins))
    return cues


def _joined(line: Sequence[Atom]) -> str:
    return line[0].text + "".join(f" {atom.text}" if atom.spaced else atom.text for atom in line[1:])
