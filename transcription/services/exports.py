"""Transcripts as files."""

from __future__ import annotations

from transcription.models import Transcript
from transcription.services import speakers, transcripts
from transcription.speech import captions


def export_transcript(*, transcript: Transcript, format: str) -> captions.Exported:
    """Write a transcript, unfinished ones as far as they go. Raises ``UnknownFormat``."""
    recording = transcript.recording
    segments = transcripts.to_segments(transcript.segments.in_order(), speakers=speakers.names_of(transcript))
    document = captions.TranscriptDocument(
        title=recording.title,
        language=transcript.language,
        duration=recording.duration or transcript.position,
        segments=segments,
        created=transcript.created_at,
        model=transcript.model,
        engine=transcript.engine,
    )
    return captions.export(format, document)
