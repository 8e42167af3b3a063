"""What Scripta keeps, in Postgres."""

from transcription.models.answers import IdempotentAnswer
from transcription.models.captioned import CaptionedVideo
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
from transcription.models.live import Live, LiveChunk
from transcription.models.marks import Favourite, Tag, TagUse
from transcription.models.personal import DataExport, RetentionRule, Vocabulary
from transcription.models.proposals import Proposal
from transcription.models.search import GatheredTranscript, SpokenWord
from transcription.models.sharing import Comment, CommentMail, Grant, ShareLink
from transcription.models.webhooks import Webhook, WebhookDelivery

__all__ = [
    "CaptionedVideo",
    "Comment",
    "CommentMail",
    "DataExport",
    "Favourite",
    "GatheredTranscript",
    "Grant",
    "IdempotentAnswer",
    "Import",
    "Job",
    "Live",
    "LiveChunk",
    "MachineSegment",
    "NamedRevision",
    "Proposal",
    "Recording",
    "RetentionRule",
    "ShareLink",
    "Speaker",
    "Tag",
    "TagUse",
    "SpokenWord",
    "Transcript",
    "TranscriptEdit",
    "TranscriptSegment",
    "Upload",
    "Vocabulary",
    "WatchedFile",
    "Waveform",
    "Webhook",
    "WebhookDelivery",
    "media_name",
    "playback_name",
]
