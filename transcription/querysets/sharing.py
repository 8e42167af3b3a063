"""What others are given of a recording, and what they say to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from transcription.querysets.recordings import OfRecordingQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class ShareLinkQuerySet(models.QuerySet[Any]):
    def in_force(self) -> Self:
        """That open something now."""
        living = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        return self.filter(living, revoked_at=None, recording__deleted_at=None, recording__delete_after=None)

    def owned_by(self, user: User | AnonymousUser) -> Self:
        return self.filter(recording__owner=user) if user.is_authenticated else self.none()


class CommentQuerySet(OfRecordingQuerySet):
    def threads(self) -> Self:
        """What begins a thread, in the order of the sound."""
        return self.filter(parent=None).order_by("start", "pk")
