"""What Scripta keeps, in Postgres."""

from transcription.models.answers import IdempotentAnswer
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
from transcription.models.live import Live, LiveChunk
from transcription.models.sharing import Comment, Grant, ShareLink
from transcription.models.webhooks import Webhook, WebhookDelivery

__all__ = [
    "Comment",
    "Grant",
    "IdempotentAnswer",
    "Import",
    "Job",
    "Live",
    "LiveChunk",
    "Recording",
    "ShareLink",
    "Transcript",
    "TranscriptSegment",
    "Upload",
    "WatchedFile",
    "Waveform",
    "Webhook",
    "WebhookDelivery",
    "media_name",
    "playback_name",
]
