"""What people put on recordings for themselves: tags and favourites. Others do not see them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from transcription.enums import TagColor
from transcription.models.library import Recording
from transcription.querysets import TagQuerySet


class Tag(models.Model):
    """A word of one person's. It may be on any recording that the person sees, also on another's."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tags")
    name = models.CharField(max_length=40)
    color = models.CharField(max_length=10, choices=TagColor.choices, default=TagColor.GREY)
    recordings = models.ManyToManyField(Recording, through="TagUse", related_name="tags")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TagQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("owner", Lower("name"), name="tag_name_any_case")]

    def __str__(self) -> str:
        return self.name


class TagUse(models.Model):
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="uses")
    recording = models.ForeignKey(Recording, models.CASCADE, related_name="tag_uses")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["tag", "recording"], name="tag_once")]

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.recording_id}"


class Favourite(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="favourites")
    recording = models.ForeignKey(Recording, models.CASCADE, related_name="favourites")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "recording"], name="favourite_once")]

    def __str__(self) -> str:
        return f"{self.recording_id} of {self.user_id}"
