"""What a caption is, the rules it should keep, and a report of those it does not keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from transcription.speech.captions.characters import width
from transcription.speech.captions.grammar import TORN, break_cost
from transcription.speech.marking import gettext_noop

LINES = 2


def label_of(speaker: str) -> str:
    """How captions that show the speaker begin."""
    return f"{speaker}: " if speaker else ""


@dataclass(frozen=True, slots=True)
class CaptionRules:
    """Widths in characters, rates in characters a second, times in seconds."""

    line_width: int = 42
    comfortable_rate: float = 17.0
    highest_rate: float = 20.0
    shortest: float = 1.0
    longest: float = 7.0
    gap: float = 0.080
    linger: float = 0.5
    """How long a caption may stay after its last word."""


_RULES = CaptionRules()
_FULL_WIDTH = replace(_RULES, line_width=16)
_TALL = replace(_RULES, line_width=35)
_BY_LANGUAGE = dict.fromkeys(("zh", "yue", "ja", "ko"), _FULL_WIDTH) | dict.fromkeys(("th", "lo", "km", "my"), _TALL)


def rules_for(language: str) -> CaptionRules:
    """The rules of a language: 16 full-width characters a line in Chinese, Japanese and Korean, 35 in Thai and its
    neighbours (tone and vowel marks not counted), 42 elsewhere."""
    return _BY_LANGUAGE.get(language, _RULES)


@dataclass(frozen=True, slots=True)
class Cue:
    """A caption on the screen. ``start`` and ``end`` in seconds, whole milliseconds; one or two ``lines``.

    ``speech_start`` and ``speech_end`` are when its first word begins and its last word ends.
    """

    start: float
    end: float
    lines: tuple[str, ...]
    language: str
    speech_start: float
    speech_end: float
    speaker: str = ""
    begins_turn: bool = True
    """The caption before it is another speaker's, or there is none."""

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def written(self, *, labels: bool) -> tuple[str, ...]:
        """Its lines, with the speaker's name before the first line of a turn."""
        named = labels and self.begins_turn
        return (label_of(self.speaker) + self.lines[0], *self.lines[1:]) if named else self.lines

    def characters(self, *, labels: bool) -> float:
        """What is read: the characters of all lines, and a space where one line goes over into the next."""
        return sum(width(line, self.language) for line in self.written(labels=labels)) + len(self.lines) - 1

    def rate(self, *, labels: bool) -> float:
        """Characters a second."""
        return self.characters(labels=labels) / max(self.end - self.start, 0.001)


Code = Literal[
    "line_too_long",
    "too_many_lines",
    "reading_fast",
    "reading_too_fast",
    "too_short",
    "too_long",
    "gap_too_short",
    "overlap",
    "late_start",
    "lingers",
    "torn_words",
]


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a cue does not keep. ``index`` counts cues from 0; a warning is a blemish, an error a fault."""

    index: int
    code: Code
    severity: Literal["warning", "error"]
    measured: float
    limit: float

    @property
    def message(self) -> str:
        """A sentence for a user, in English; pages translate ``MESSAGES`` themselves."""
        return MESSAGES[self.code].format(measured=self.measured, limit=self.limit)


MESSAGES: dict[Code, str] = {
    "line_too_long": gettext_noop("A line has {measured:g} characters; at most {limit:g} are easy to read."),
    "too_many_lines": gettext_noop("The caption has {measured:g} lines; at most {limit:g} fit."),
    "reading_fast": gettext_noop("{measured:.1f} characters a second is fast to read; up to {limit:g} is comfortable."),
    "reading_too_fast": gettext_noop("{measured:.1f} characters a second is too fast to read; at most {limit:g}."),
    "too_short": gettext_noop("The caption is shown for {measured:.2f} s; it needs at least {limit:g} s."),
    "too_long": gettext_noop("The caption is shown for {measured:.2f} s; at most {limit:g} s."),
    "gap_too_short": gettext_noop("Only {measured:.3f} s pass before the next caption; at least {limit:g} s."),
    "overlap": gettext_noop("The next caption starts {measured:.3f} s before this one ends."),
    "late_start": gettext_noop("The caption starts {measured:.2f} s away from its first word."),
    "lingers": gettext_noop("The caption stays for {measured:.2f} s after its last word; at most {limit:g} s."),
    "torn_words": gettext_noop("A line ends between words that belong together."),
}


def check(cues: Iterable[Cue], *, labels: bool = False) -> list[Violation]:
    """Every rule that the cues do not keep, in their order; ``labels``: the names of speakers stand in the lines.

    Faults of the text's layout and unreadable speed are errors. Warnings are what no splitter can always avoid: speech
    that is fast, a short word alone between two pauses (it stays for a whole second, and so lingers).
    """
    cues = list(cues)
    found = [violation for index, cue in enumerate(cues) for violation in _alone(index, cue, labels)] + _between(cues)
    return sorted(found, key=lambda violation: violation.index)


def _alone(index: int, cue: Cue, labels: bool) -> Iterator[Violation]:
    rules = rules_for(cue.language)
    for line in cue.written(labels=labels):
        if (measured := width(line, cue.language)) > rules.line_width:
            yield Violation(index, "line_too_long", "error", measured, rules.line_width)
    if len(cue.lines) > LINES:
        yield Violation(index, "too_many_lines", "error", len(cue.lines), LINES)
    if (rate := cue.rate(labels=labels)) > rules.highest_rate:
        yield Violation(index, "reading_too_fast", "error", rate, rules.highest_rate)
    elif rate > rules.comfortable_rate:
        yield Violation(index, "reading_fast", "warning", rate, rules.comfortable_rate)
    yield from _timing(index, cue, rules)
    if any(_is_torn(before, after, cue.language) for before, after in pairwise(cue.lines)):
        yield Violation(index, "torn_words", "warning", 1, 0)


def _timing(index: int, cue: Cue, rules: CaptionRules) -> Iterator[Violation]:
    duration, late, linger = (
        round(seconds, 3)
        for seconds in (cue.end - cue.start, abs(cue.start - cue.speech_start), cue.end - cue.speech_end)
    )
    if duration < rules.shortest:
        yield Violation(index, "too_short", "error", duration, rules.shortest)
    if duration > rules.longest:
        yield Violation(index, "too_long", "error", duration, rules.longest)
    if late > 0.001:
        yield Violation(index, "late_start", "error", late, 0)
    if linger > rules.linger + 0.001:
        yield Violation(index, "lingers", "warning", linger, rules.linger)


def _between(cues: list[Cue]) -> list[Violation]:
    violations = []
    for index, (cue, following) in enumerate(pairwise(cues)):
        gap, least = round(following.start - cue.end, 3), rules_for(cue.language).gap
        if gap < 0:
            violations.append(Violation(index, "overlap", "error", -gap, 0))
        elif gap < least:
            violations.append(Violation(index, "gap_too_short", "error", gap, least))
        if (cue.language, cue.speaker) == (following.language, following.speaker) and _is_torn(
            cue.lines[-1], following.lines[0], cue.language
        ):
            violations.append(Violation(index, "torn_words", "warning", 1, 0))
    return violations


def _is_torn(before: str, after: str, language: str) -> bool:
    left, right = before.split(), after.split()
    return bool(left and right) and break_cost(left[-1], right[0], language=language) >= TORN
