"""States of recordings and jobs: one table for models, pages and API."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class RecordingState(models.TextChoices):
    UPLOADING = "uploading", _("Uploading")
    LIVE = "live", _("Live")
    CLOSING = "closing", _("Closing")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")


class JobState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    DECODING = "decoding", _("Reading the file")
    TRANSCRIBING = "transcribing", _("Transcribing")
    DONE = "done", _("Done")
    DONE_WITH_WARNING = "done_with_warning", _("Done, with a warning")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class Task(models.TextChoices):
    TRANSCRIBE = "transcribe", _("Transcribe")
    TRANSLATE = "translate", _("Translate to English")


IMPORT_ENGINE = "import"
"""The engine of a transcript whose captions were made elsewhere."""


class VideoState(models.TextChoices):
    """Of a video with captions that somebody wished for."""

    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Being made")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


ACTIVE_VIDEO_STATES = frozenset({VideoState.QUEUED, VideoState.RUNNING})


class AudioEncoding(models.TextChoices):
    """How live sound travels: raw samples, or a container that says itself what is in it."""

    PCM_S16LE = "pcm_s16le", _("16-bit samples")
    PCM_F32LE = "pcm_f32le", _("32-bit floating point samples")
    MULAW = "mulaw", _("µ-law")
    WEBM = "webm", _("WebM")
    OGG = "ogg", _("Ogg")


CONTAINERS = frozenset({AudioEncoding.WEBM, AudioEncoding.OGG})


class Captions(models.TextChoices):
    LIVE = "live", _("While it is spoken")
    LATER = "later", _("Afterwards")


class Overflow(models.TextChoices):
    """What a speaker wishes when all places for live captions are taken."""

    REFUSE = "refuse", _("Refuse")
    RECORD = "record", _("Record now, transcribe later")


class EditKind(models.TextChoices):
    """What people do to a transcript."""

    TEXT = "text", _("Text corrected")
    SPLIT = "split", _("Passage split")
    MERGE = "merge", _("Passages joined")
    DELETE = "delete", _("Passage deleted")
    CONFIRM = "confirm", _("Passage confirmed")
    TIMES = "times", _("Times changed")
    REPLACE = "replace", _("Replaced everywhere")
    ASSIGN_SPEAKER = "assign_speaker", _("Speaker chosen")
    RENAME_SPEAKER = "rename_speaker", _("Speaker renamed")
    MERGE_SPEAKERS = "merge_speakers", _("Speakers joined")
    REMOVE_SPEAKER = "remove_speaker", _("Speaker removed")
    RESTORE = "restore", _("Earlier state restored")
    PROPOSAL = "proposal", _("Another transcription accepted")
    UNDO = "undo", _("Undone")
    REDO = "redo", _("Done again")


class Role(models.TextChoices):
    """What a person is to a recording."""

    OWNER = "owner", _("Owner")
    EDITOR = "editor", _("Editor")
    READER = "reader", _("Reader")


class GrantRole(models.TextChoices):
    """What an owner may make of others."""

    READER = "reader", _("Can read and comment")
    EDITOR = "editor", _("Can edit the text")


class LinkKind(models.TextChoices):
    """How much a link opens."""

    LIVE = "live", _("Live captions")
    TRANSCRIPT = "transcript", _("Transcript and sound")


class LinkRole(models.TextChoices):
    VIEW = "view", _("Can view")
    COMMENT = "comment", _("Can view and comment")


class WebhookEvent(models.TextChoices):
    """What other systems may be told of."""

    RECORDING_CREATED = "recording.created", _("A recording was created")
    TRANSCRIPT_COMPLETED = "transcript.completed", _("A transcript is ready")
    TRANSCRIPT_FAILED = "transcript.failed", _("A transcription failed")
    LIVE_STARTED = "live.started", _("A live recording has begun")
    LIVE_FINISHED = "live.finished", _("A live recording has ended")


class DeliveryState(models.TextChoices):
    PENDING = "pending", _("On its way")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")


class TagColor(models.TextChoices):
    """Each is a class in ``css/tags.css``, with its own shades for light and dark."""

    GREY = "grey", _("Grey")
    RED = "red", _("Red")
    AMBER = "amber", _("Amber")
    GREEN = "green", _("Green")
    TEAL = "teal", _("Teal")
    BLUE = "blue", _("Blue")
    VIOLET = "violet", _("Violet")
    PINK = "pink", _("Pink")


class RowState(models.TextChoices):
    """What a row of the library says, in the words by which people look for it."""

    DONE = "done", _("Done")
    WORKING = "working", _("In progress")
    ATTENTION = "attention", _("Needs a look")
    UNTRANSCRIBED = "untranscribed", _("Not transcribed")


class ExportState(models.TextChoices):
    """Of a copy of a person's data."""

    WAITING = "waiting", _("Waiting")
    WRITING = "writing", _("Being written")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")


ACTIVE_EXPORTS = frozenset({ExportState.WAITING, ExportState.WRITING})


class ProposalState(models.TextChoices):
    """Of a part of a recording that is transcribed again, as a proposal."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Being transcribed")
    READY = "ready", _("Ready")
    EQUAL = "equal", _("The same words were heard again")
    """Ready, and no different from the text as it is now. Never stored, for the text may change."""
    FAILED = "failed", _("Failed")
    ACCEPTED = "accepted", _("Accepted")


ACTIVE_PROPOSALS = frozenset({ProposalState.WAITING, ProposalState.RUNNING})


_J = JobState
JOB_GRAPH: dict[JobState, frozenset[JobState]] = {
    _J.QUEUED: frozenset({_J.DECODING, _J.CANCELLED, _J.FAILED}),
    _J.DECODING: frozenset({_J.TRANSCRIBING, _J.QUEUED, _J.FAILED, _J.CANCELLED}),
    _J.TRANSCRIBING: frozenset({_J.DONE, _J.DONE_WITH_WARNING, _J.QUEUED, _J.FAILED, _J.CANCELLED}),
    _J.DONE: frozenset(),
    _J.DONE_WITH_WARNING: frozenset(),
    _J.FAILED: frozenset({_J.QUEUED}),
    _J.CANCELLED: frozenset({_J.QUEUED}),
}
"""Which state may follow which. A lost worker, and a retry, lead back to the queue."""

RUNNING_STATES = frozenset({_J.DECODING, _J.TRANSCRIBING})
ACTIVE_STATES = RUNNING_STATES | {_J.QUEUED}
ENDED_STATES = frozenset(JobState) - ACTIVE_STATES
RETRYABLE_STATES = frozenset(state for state in ENDED_STATES if _J.QUEUED in JOB_GRAPH[state])


def sources_of(target: JobState) -> list[JobState]:
    """The states from which ``target`` may be entered."""
    return [state for state, targets in JOB_GRAPH.items() if target in targets]


if set(JOB_GRAPH) != set(JobState):
    raise RuntimeError("JOB_GRAPH must name every state of a job.")
