"""What Scripta keeps, in Postgres."""

from transcription.models.answers import IdempotentAnswer
from transcription.models.editing import MachineSegment, NamedRevision, Speaker, TranscriptEdit
from transcription.models.folders import WatchedFile
from transcription.models.library import (
    Import,
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
from transcription.models.search import GatheredTranscript, SpokenWord
from transcription.models.webhooks import Webhook, WebhookDelivery

__all__ = [
    "GatheredTranscript",
    "IdempotentAnswer",
    "Import",
    "Job",
    "Live",
    "LiveChunk",
    "MachineSegment",
    "NamedRevision",
    "Recording",
    "ShareLink",
    "Speaker",
    "SpokenWord",
    "Transcript",
    "TranscriptEdit",
    "TranscriptSegment",
    "Upload",
    "WatchedFile",
    "Waveform",
    "Webhook",
    "WebhookDelivery",
    "media_name",
    "playback_name",
]
