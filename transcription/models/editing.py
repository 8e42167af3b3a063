"""What people made of a transcript: speakers, corrections, and names for states of it."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext

from transcription.enums import EditKind
from transcription.models.library import Transcript
from transcription.querysets import EditQuerySet


class Speaker(models.Model):
    """Somebody who is heard in a recording, as one version of its transcript knows them."""

    transcript = models.ForeignKey(Transcript, models.CASCADE, related_name="speakers")
    number = models.PositiveSmallIntegerField(help_text="Segments name their speaker by it.")
    name = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["transcript", "number"], name="speaker_number")]

    def __str__(self) -> str:
        return self.name or gettext("Speaker %(number)d") % {"number": self.number}


class MachineSegment(models.Model):
    """A segment as the engine wrote it, kept from the moment at which somebody first changes it.

    The database refuses to update these rows. What nobody changed is the same in ``TranscriptSegment``.
    """

    transcript = models.ForeignKey(Transcript, models.CASCADE, related_name="machine_segments")
    index = models.PositiveIntegerField()
    row = models.JSONField(help_text="All fields, as transcription.editing.passages names them.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["transcript", "index"], name="machine_segment_index")]

    def __str__(self) -> str:
        return f"{self.transcript_id}: {self.index}"


class TranscriptEdit(models.Model):
    """One change of a transcript's text: what rows were before and are after, so that it can be replayed and undone."""

    transcript = models.ForeignKey(Transcript, models.CASCADE, related_name="edits")
    revision = models.PositiveIntegerField(help_text="Of the transcript, once this was done.")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=20, choices=EditKind.choices)
    request = models.UUIDField(default=uuid.uuid4, help_text="The client's name for it: sent twice, it is done once.")
    group = models.UUIDField(null=True, blank=True, help_text="Edits of one go, such as one visit to a text field.")
    undone_revision = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of the transcript, once this was taken back; empty if it was not."
    )
    segments = models.JSONField(default=list, help_text="Changes of segments: [number, before, after].")
    speakers = models.JSONField(default=list, help_text="Changes of speakers: [number, before, after].")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EditQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["transcript", "revision"], name="edit_revision"),
            models.UniqueConstraint(fields=["transcript", "request"], name="edit_request"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["transcript", "user", "-revision"],
                name="edit_of_user",
                condition=~Q(kind__in=[EditKind.UNDO, EditKind.REDO]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.transcript_id}, revision {self.revision}: {self.kind}"

    @property
    def is_undone(self) -> bool:
        return self.undone_revision is not None


class NamedRevision(models.Model):
    """A state of a transcript to which somebody gave a name, to compare with it or go back to it."""

    transcript = models.ForeignKey(Transcript, models.CASCADE, related_name="named_revisions")
    revision = models.PositiveIntegerField()
    name = models.CharField(max_length=100)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["transcript", "-revision"], name="named_revision")]

    def __str__(self) -> str:
        return self.name
