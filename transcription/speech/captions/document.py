"""A transcript as it is handed to a writer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from transcription.speech.captions.rules import Cue
from transcription.speech.captions.splitting import split
from transcription.speech.types import Segment


@dataclass(frozen=True, slots=True)
class TranscriptDocument:
    """A transcript with what a reader wants to know of it. ``duration`` is the recording's, in seconds."""

    title: str
    language: str
    duration: float
    segments: tuple[Segment, ...]
    created: datetime
    model: str = ""
    engine: str = ""
    speakers: Mapping[int, str] = field(default_factory=dict)
    """Names of speakers by the index of a segment; segments without an entry have none."""

    def cues(self) -> list[Cue]:
        return split(self.segments, speakers=self.speakers)
