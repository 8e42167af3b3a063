"""Recordings, the jobs that work on them, and the transcripts that come out."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from transcription.enums import ACTIVE_STATES, RETRYABLE_STATES, RUNNING_STATES, JobState, RecordingState, Task
from transcription.querysets import JobQuerySet, RecordingQuerySet, SegmentQuerySet, TranscriptQuerySet, UploadQuerySet

if TYPE_CHECKING:
    from transcription.models.marks import Tag


def media_name(recording: Recording, filename: str) -> str:
    """A name of our own making: nothing that a user typed becomes part of a path."""
    return f"recordings/{recording.id.hex[:2]}/{recording.id.hex}/media"


def playback_name(recording: Recording) -> str:
    return media_name(recording, "").replace("/media", "/playback.mp3")


class Recording(models.Model):
    """Stored media of one owner, with what a reader needs to know of it before any transcript exists."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recordings")
    title = models.CharField(max_length=200)
    original_name = models.CharField(max_length=255, blank=True)
    state = models.CharField(max_length=12, choices=RecordingState.choices, default=RecordingState.UPLOADING)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.CharField(max_length=300, blank=True)
    media = models.FileField(upload_to=media_name, max_length=200, blank=True)
    size = models.BigIntegerField(default=0, help_text="Bytes; while uploading, the bytes expected.")
    media_type = models.CharField(
        max_length=60, blank=True, help_text="Chosen by us from the content, never the user's claim."
    )
    has_video = models.BooleanField(default=False)
    is_playable = models.BooleanField(default=True, help_text="Every browser plays the file itself and seeks in it.")
    playback = models.FileField(max_length=200, blank=True, help_text="A copy for the player, if browsers need one.")
    playback_size = models.BigIntegerField(default=0, help_text="Bytes of that copy.")
    duration = models.FloatField(null=True, blank=True, help_text="Seconds.")
    shown_version = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of its transcripts, as somebody chose; empty: the newest that is complete."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True, help_text="When it went to the trash.")
    delete_after = models.DateTimeField(
        null=True, blank=True, help_text="It goes by itself, for good: no library and no trash shows it."
    )
    is_exempt = models.BooleanField(default=False, help_text="No rule of retention touches it.")
    sound_removed_at = models.DateTimeField(null=True, blank=True, help_text="When a rule deleted its sound.")
    sound_announced_at = models.DateTimeField(
        null=True, blank=True, help_text="When its owner was told that the sound will go."
    )
    removal_announced_at = models.DateTimeField(
        null=True, blank=True, help_text="When its owner was told that all of it will go."
    )
    api_key = models.ForeignKey(
        "accounts.ApiKey", models.SET_NULL, null=True, blank=True, related_name="+", help_text="That brought it."
    )

    objects = RecordingQuerySet.as_manager()
    newest_jobs: list[Job]
    """None or one; loaded by ``for_display``."""
    own_tags: list[Tag]
    is_favourite: bool
    """Of the person who looks; both loaded by ``with_marks_of``."""
    role: str
    """What the user of ``with_role`` is to it."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["owner", "-created_at", "-id"], name="recording_library"),
            models.Index(fields=["deleted_at"], name="recording_trash", condition=Q(deleted_at__isnull=False)),
            models.Index(fields=["delete_after"], name="recording_passing", condition=Q(delete_after__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_text_only(self) -> bool:
        """Its sound was not to be kept, or has gone by a rule. Needs ``live`` loaded."""
        is_over = self.state == RecordingState.READY and not self.media
        if is_over and self.sound_removed_at is not None:
            return True
        return is_over and bool(self.duration) and getattr(self, "live", None) is not None

    @property
    def shows_video(self) -> bool:
        """Whether the player has pictures: a copy for playback is sound only."""
        return self.has_video and self.is_playable

    @property
    def awaits_playback(self) -> bool:
        """No browser plays the file itself, and the copy is not there yet."""
        return not self.is_playable and not self.playback

    @property
    def download_name(self) -> str:
        """The name under which the owner gets the file back."""
        return self.original_name or self.title


class Waveform(models.Model):
    """Peaks for the player, made while decoding: at most some thousand bytes, 0 (silence) to 255."""

    recording = models.OneToOneField(Recording, models.CASCADE, primary_key=True, related_name="waveform")
    peaks = models.BinaryField()
    seconds = models.FloatField(help_text="How much of the recording the peaks cover; it grows while the job runs.")

    def __str__(self) -> str:
        return f"{len(self.peaks)} peaks over {self.seconds:.0f} s"


class Upload(models.Model):
    """A recording's bytes while they arrive (tus 1.0)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recording = models.OneToOneField(Recording, models.CASCADE, related_name="upload")
    length = models.BigIntegerField()
    offset = models.BigIntegerField(default=0, help_text="Bytes that are safely on disk.")
    fingerprint = models.CharField(
        max_length=200, blank=True, help_text="The browser's name for the file, to find it again."
    )
    options = models.JSONField(default=dict, help_text="What was chosen for the transcription.")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(offset__gte=0) & Q(offset__lte=F("length")), name="upload_offset_in_length"
            )
        ]

    def __str__(self) -> str:
        return f"{self.recording_id}: {self.offset} of {self.length} bytes"


class Import(models.Model):
    """A recording's bytes while this server fetches them from an address."""

    recording = models.OneToOneField(Recording, models.CASCADE, primary_key=True, related_name="fetched")
    url = models.CharField(max_length=2000)
    options = models.JSONField(default=dict, help_text="What was chosen for the transcription.")
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.recording_id} from elsewhere"


class Transcript(models.Model):
    """One engine's result for a recording, and what people made of it. Versions count from 1."""

    recording = models.ForeignKey(Recording, models.CASCADE, related_name="transcripts")
    version = models.PositiveIntegerField()
    revision = models.PositiveIntegerField(
        default=0, help_text="Counts changes, so that readers can ask for what is new."
    )
    engine = models.CharField(max_length=40)
    model = models.CharField(max_length=200)
    task = models.CharField(max_length=12, choices=Task.choices, default=Task.TRANSCRIBE)
    language = models.CharField(max_length=10, blank=True)
    language_probability = models.FloatField(null=True, blank=True)
    position = models.FloatField(default=0, help_text="Seconds of the recording that this transcript covers.")
    is_complete = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TranscriptQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["recording", "version"], name="transcript_version")]

    def __str__(self) -> str:
        return f"{self.recording}, version {self.version}"


class TranscriptSegment(models.Model):
    """A timed span of text. ``words`` are lists: start, end, text, probability, and ``true`` if edited."""

    transcript = models.ForeignKey(Transcript, models.CASCADE, related_name="segments")
    index = models.PositiveIntegerField(help_text="Its number in the transcript, which it keeps for good.")
    rank = models.FloatField(help_text="Its place in the order: as the index, until passages are split.")
    revision = models.PositiveIntegerField(
        db_default=0, default=0, help_text="Of the transcript, when it was last changed."
    )
    speaker = models.PositiveSmallIntegerField(null=True, blank=True, help_text="The number of a speaker.")
    start = models.FloatField()
    end = models.FloatField()
    text = models.TextField()
    language = models.CharField(max_length=10, blank=True)
    confidence = models.FloatField(default=1.0)
    doubt = models.CharField(max_length=40, blank=True)
    words = models.JSONField(default=list)
    decoding = models.JSONField(null=True, blank=True, help_text="How it was decoded, for jobs that asked for it.")

    objects = SegmentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["transcript", "index"], name="segment_index")]
        indexes: ClassVar = [
            models.Index(fields=["transcript", "rank", "index"], name="segment_order"),
            models.Index(
                fields=["transcript", "speaker", "language"],
                name="segment_speaker",
                condition=Q(speaker__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.start:.1f} {self.text[:40]}"


class Job(models.Model):
    """One wish to have a recording transcribed, from the queue to its end. A retry is a new attempt of the same job."""

    recording = models.ForeignKey(Recording, models.CASCADE, related_name="jobs")
    transcript = models.OneToOneField(Transcript, models.SET_NULL, null=True, blank=True, related_name="job")
    state = models.CharField(max_length=20, choices=JobState.choices, default=JobState.QUEUED)
    priority = models.IntegerField(default=0, help_text="Higher goes first.")
    task_id = models.BigIntegerField(null=True, blank=True, help_text="The queue's own number of the newest attempt.")

    engine = models.CharField(max_length=40)
    model = models.CharField(max_length=200)
    language = models.CharField(max_length=10, blank=True, help_text="Empty: detect it.")
    task = models.CharField(max_length=12, choices=Task.choices, default=Task.TRANSCRIBE)
    vocabulary = models.TextField(blank=True, help_text="Names and terms, one a line.")
    standing_terms = models.TextField(
        blank=True, help_text="From the vocabularies of its owner and their groups, when it was submitted."
    )
    prompt = models.TextField(blank=True, help_text="Text that comes before, as a program gave it.")
    temperature = models.FloatField(null=True, blank=True, help_text="Fixed by a program; else as quality demands.")
    is_detailed = models.BooleanField(default=False, help_text="Segments keep how they were decoded.")
    notify_by_mail = models.BooleanField(default=False)

    attempt = models.PositiveIntegerField(default=0, help_text="Raised by each claim; older attempts may not write.")
    idle_attempts = models.PositiveIntegerField(default=0, help_text="Attempts since the last checkpoint.")
    progress = models.FloatField(default=0, help_text="0 to 1.")
    seconds_left = models.FloatField(null=True, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.CharField(max_length=300, blank=True)
    warning = models.CharField(max_length=300, blank=True)
    worker = models.CharField(max_length=100, blank=True)
    queued_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()
    place: int
    """In line, 1 is next; loaded by ``with_place``."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-priority", "id"], name="job_line", condition=Q(state=JobState.QUEUED)),
            models.Index(fields=["recording", "-id"], name="job_newest"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["recording"], name="one_active_job", condition=Q(state__in=sorted(ACTIVE_STATES))
            )
        ]

    def __str__(self) -> str:
        return f"Job {self.pk}"

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE_STATES

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING_STATES

    @property
    def can_retry(self) -> bool:
        return self.state in RETRYABLE_STATES

    @property
    def percent(self) -> int:
        return int(self.progress * 100)
