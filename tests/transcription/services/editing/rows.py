"""What stands in a transcript's rows."""

from __future__ import annotations

from transcription.services import speakers
from transcription.services.edits import By


def by(user, **more) -> By:
    return By(user, **more)


def shown(transcript) -> list[tuple[int, str]]:
    return list(transcript.segments.in_order().values_list("index", "text"))


def words_of(transcript, index) -> list[list]:
    return transcript.segments.get(index=index).words


def times_of(transcript, index) -> tuple[float, float]:
    row = transcript.segments.get(index=index)
    return row.start, row.end


def revision_of(transcript, index) -> int:
    return transcript.segments.get(index=index).revision


def who(transcript) -> list[str]:
    names = speakers.names_of(transcript)
    return [names.get(number, "") for number in transcript.segments.in_order().values_list("speaker", flat=True)]
