"""What Scripta keeps, in Postgres."""

from transcription.models.library import (
    Job,
    Recording,
    Transcript,
    TranscriptSegment,
    Upload,
    Waveform,
    media_name,
    playback_name,
)
from transcription.models.live import Live, LiveChunk, ShareLink

__all__ = [
    "Job",
    "Live",
    "LiveChunk",
    "Recording",
    "ShareLink",
    "Transcript",
    "TranscriptSegment",
    "Upload",
    "Waveform",
    "media_name",
    "playback_name",
]
