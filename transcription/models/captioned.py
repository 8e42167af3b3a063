"""Recordings as videos with their captions in the picture."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from transcription.enums import ACTIVE_VIDEO_STATES, VideoState
from transcription.models.library import Recording, Transcript
from transcription.querysets import CaptionedVideoQuerySet


class CaptionedVideo(models.Model):
    """The newest wish for such a video, and the file that came of it, or of the one before while this is being made."""

    recording = models.OneToOneField(Recording, models.CASCADE, primary_key=True, related_name="captioned")
    transcript = models.ForeignKey(Transcript, models.SET_NULL, null=True, blank=True, related_name="+")
    speakers = models.BooleanField(default=True, help_text="With the names of speakers.")
    state = models.CharField(max_length=12, choices=VideoState.choices, default=VideoState.QUEUED)
    attempt = models.PositiveIntegerField(default=0, help_text="Raised by each claim; older attempts may not write.")
    idle_attempts = models.PositiveIntegerField(default=0, help_text="Attempts since it was wished for.")
    task_id = models.BigIntegerField(null=True, blank=True, help_text="The queue's own number of the newest attempt.")
    progress = models.FloatField(default=0, help_text="0 to 1.")
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.CharField(max_length=300, blank=True)
    file = models.FileField(max_length=200, blank=True)
    size = models.BigIntegerField(default=0, help_text="Bytes of the file.")
    queued_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = CaptionedVideoQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["queued_at"], name="captioned_active", condition=models.Q(state__in=sorted(ACTIVE_VIDEO_STATES))
            )
        ]

    def __str__(self) -> str:
        return f"{self.recording_id}: {self.state}"

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE_VIDEO_STATES

    @property
    def percent(self) -> int:
        return int(self.progress * 100)
