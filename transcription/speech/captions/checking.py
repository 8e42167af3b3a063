"""Captions as they will be written, each with the rules that it breaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from transcription.speech.captions.document import TranscriptDocument
from transcription.speech.captions.rules import Cue, Violation, check


@dataclass(frozen=True, slots=True)
class CheckedCue:
    """``number`` counts from 1, as the file does. ``lines`` are those of the file, with the speaker's name if shown;
    ``characters`` and ``rate``, characters a second, are theirs."""

    number: int
    cue: Cue
    lines: tuple[str, ...]
    characters: float
    rate: float
    violations: tuple[Violation, ...]

    @property
    def is_error(self) -> bool:
        return any(violation.severity == "error" for violation in self.violations)

    @property
    def is_warning(self) -> bool:
        return bool(self.violations) and not self.is_error


@dataclass(frozen=True, slots=True)
class Summary:
    cues: int
    errors: int
    """Captions with a fault."""
    warnings: int
    """Captions with nothing worse than a blemish."""


def checked(document: TranscriptDocument, *, labels: bool) -> list[CheckedCue]:
    cues = document.cues(labels=labels)
    broken: dict[int, list[Violation]] = {}
    for violation in check(cues, labels=labels):
        broken.setdefault(violation.index, []).append(violation)
    return [
        CheckedCue(
            index + 1,
            cue,
            cue.written(labels=labels),
            cue.characters(labels=labels),
            cue.rate(labels=labels),
            tuple(broken.get(index, ())),
        )
        for index, cue in enumerate(cues)
    ]


def summed_up(cues: Iterable[CheckedCue]) -> Summary:
    marks = [(cue.is_error, cue.is_warning) for cue in cues]
    return Summary(len(marks), sum(error for error, _ in marks), sum(warning for _, warning in marks))
