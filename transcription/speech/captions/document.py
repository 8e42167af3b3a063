"""A transcript as it is handed to a writer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise, starmap

from transcription.speech.captions.characters import clean, width
from transcription.speech.captions.rules import LINES, Cue, rules_for
from transcription.speech.captions.splitting import broken, split
from transcription.speech.types import Segment


@dataclass(frozen=True, slots=True)
class TranscriptDocument:
    """A transcript with what a reader wants to know of it. ``duration`` is the recording's, in seconds."""

    title: str
    language: str
    duration: float
    segments: tuple[Segment, ...]
    created: datetime
    """When the transcript was made."""
    model: str = ""
    engine: str = ""
    is_captioned: bool = False
    """Each segment is a caption that somebody made: it stays one, with its own times and lines."""
    corrected: frozenset[int] = frozenset()
    """Of such captions, by index, those with another text since: their lines must fit."""
    recorded: date | None = None
    """In the zone of whoever reads it. None: the day on which the transcript was made."""

    written: str = ""
    """The language of the text where it is not the spoken one: what is read goes by it."""

    @property
    def passages(self) -> tuple[Segment, ...]:
        """To be read: in the language of the text."""
        return tuple(replace(each, language=self.written) for each in self.segments) if self.written else self.segments

    @property
    def day(self) -> str:
        return f"{self.recorded or self.created:%Y-%m-%d}"

    def cues(self, *, labels: bool = False) -> list[Cue]:
        """Its captions; ``labels``: the names of speakers are to stand in the lines."""
        if self.is_captioned:
            cues = [cue for segment in self.passages if (cue := self._as_it_is(segment)).lines]
            return [*cues[:1], *starmap(_following, pairwise(cues))]
        return split(self.passages, labels=labels)

    def _as_it_is(self, segment: Segment) -> Cue:
        lines = tuple(line for raw in segment.text.splitlines() if (line := clean(raw).strip()))
        if segment.index in self.corrected and not _fits(lines, segment.language):
            lines = broken(segment)
        start = max(0, round(segment.start * 1000)) / 1000
        end = max(round(segment.end * 1000), round(start * 1000) + 1) / 1000
        return Cue(start, end, lines, segment.language, start, end, clean(segment.speaker).strip())


def _fits(lines: tuple[str, ...], language: str) -> bool:
    return len(lines) <= LINES and all(width(line, language) <= rules_for(language).line_width for line in lines)


def _following(before: Cue, cue: Cue) -> Cue:
    return replace(cue, begins_turn=cue.speaker != before.speaker)
