"""Folders on the server whose files become recordings."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from transcription.models.library import Recording


class WatchedFile(models.Model):
    """A file that a watched folder has brought, or that was no recording: it is not looked at again."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True, help_text="Of the owner, and the file's path, size and time.")
    name = models.CharField(max_length=255)
    recording = models.ForeignKey(Recording, models.SET_NULL, null=True, blank=True, related_name="+")
    problem = models.CharField(max_length=300, blank=True, help_text="Why it became no recording.")
    seen_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
