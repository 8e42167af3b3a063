"""Recordings that are being spoken: what has arrived of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from transcription.enums import CONTAINERS, AudioEncoding, Captions, Overflow, Task
from transcription.models.library import Recording, Transcript
from transcription.querysets import LiveQuerySet


class Live(models.Model):
    """A recording's sound while it is spoken. It ends when the sound is one file and the recording is ready.

    ``received`` counts samples (PCM) or bytes (containers) that are on storage, without a gap; see ``LiveChunk``.
    """

    recording = models.OneToOneField(Recording, models.CASCADE, primary_key=True, related_name="live")
    transcript = models.OneToOneField(Transcript, models.CASCADE, related_name="live")
    encoding = models.CharField(max_length=10, choices=AudioEncoding.choices, default=AudioEncoding.PCM_S16LE)
    sample_rate = models.PositiveIntegerField(default=16_000, help_text="Per second; of no meaning for containers.")
    language = models.CharField(max_length=10, blank=True, help_text="Empty: detect it. The speaker may change it.")
    task = models.CharField(max_length=12, choices=Task.choices, default=Task.TRANSCRIBE)
    vocabulary = models.TextField(blank=True, help_text="Names and terms, one a line.")
    standing_terms = models.TextField(
        blank=True, help_text="From the vocabularies of its owner and their groups, when it began."
    )
    keep_audio = models.BooleanField(default=True, help_text="Else the sound is deleted once it is transcribed.")
    overflow = models.CharField(max_length=8, choices=Overflow.choices, default=Overflow.REFUSE)
    captions = models.CharField(max_length=8, choices=Captions.choices, default=Captions.LIVE)
    epoch = models.PositiveIntegerField(default=0, help_text="Raised by each connection; older ones may not write.")
    received = models.BigIntegerField(default=0)
    paused_at = models.DateTimeField(null=True, blank=True)
    first_audio_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(auto_now_add=True, help_text="When its speaker last sent anything.")

    objects = LiveQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "live"

    def __str__(self) -> str:
        return f"{self.recording_id}: {self.received} received"

    @property
    def seconds(self) -> float | None:
        """Of sound that are safe; None for containers, whose bytes do not tell."""
        return None if self.encoding in CONTAINERS else float(self.received / self.sample_rate)


class LiveChunk(models.Model):
    """A piece of the sound as it came: ``length`` samples or bytes from ``position``, in a file of its own."""

    live = models.ForeignKey(Live, models.CASCADE, related_name="chunks")
    position = models.BigIntegerField()
    length = models.PositiveIntegerField()
    checksum = models.BigIntegerField(help_text="CRC-32 of the bytes.")
    name = models.CharField(max_length=200, help_text="Of the file, in the storage for media.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["live", "position"], name="chunk_position")]

    def __str__(self) -> str:
        return f"{self.live_id}: {self.length} from {self.position}"
