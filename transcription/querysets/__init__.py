"""Reads. Each begins with ``visible_to(user)``: what a user may not see does not exist for that user.

There are three rights in a recording. Whoever sees it (``visible_to``) reads, hears and comments; whoever may edit it
(``editable_by``) corrects its text; its owner (``owned_by``) does all the rest.
"""

from transcription.querysets.personal import (
    DataExportQuerySet,
    TagQuerySet,
    VocabularyQuerySet,
    WebhookDeliveryQuerySet,
    WebhookQuerySet,
)
from transcription.querysets.recordings import (
    COUNTED,
    SORTS,
    GrantQuerySet,
    LiveQuerySet,
    OfRecordingQuerySet,
    RecordingQuerySet,
    UploadQuerySet,
)
from transcription.querysets.sharing import (
    CommentQuerySet,
    ShareLinkQuerySet,
)
from transcription.querysets.transcripts import (
    CaptionedVideoQuerySet,
    EditQuerySet,
    JobQuerySet,
    ProposalQuerySet,
    SegmentQuerySet,
    TranscriptQuerySet,
)

__all__ = [
    "COUNTED",
    "CaptionedVideoQuerySet",
    "CommentQuerySet",
    "DataExportQuerySet",
    "EditQuerySet",
    "GrantQuerySet",
    "JobQuerySet",
    "LiveQuerySet",
    "OfRecordingQuerySet",
    "ProposalQuerySet",
    "RecordingQuerySet",
    "SORTS",
    "SegmentQuerySet",
    "ShareLinkQuerySet",
    "TagQuerySet",
    "TranscriptQuerySet",
    "UploadQuerySet",
    "VocabularyQuerySet",
    "WebhookDeliveryQuerySet",
    "WebhookQuerySet",
]
