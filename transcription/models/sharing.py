"""Who else may see a recording: by account or group, or by a link; and what they say to it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from transcription.enums import GrantRole, LinkKind, LinkRole
from transcription.models.library import Recording, Transcript
from transcription.querysets import CommentQuerySet, GrantQuerySet, ShareLinkQuerySet

LONGEST_COMMENT, LONGEST_QUOTE, LONGEST_NAME = 4_000, 500, 80


class Grant(models.Model):
    """A recording that its owner shares with a person, or with all of a group."""

    recording = models.ForeignKey(Recording, models.CASCADE, related_name="grants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="grants")
    group = models.ForeignKey("auth.Group", models.CASCADE, null=True, blank=True, related_name="grants")
    role = models.CharField(max_length=10, choices=GrantRole.choices, default=GrantRole.READER)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, group=None) | Q(user=None, group__isnull=False),
                name="grant_to_one",
            ),
            models.UniqueConstraint(fields=["recording", "user"], name="grant_to_user"),
            models.UniqueConstraint(fields=["recording", "group"], name="grant_to_group"),
        ]

    def __str__(self) -> str:
        return f"{self.recording_id} for {self.user or self.group}"

    @property
    def name(self) -> str:
        """Of the person or group. Needs both loaded."""
        return self.user.get_full_name() if self.user else str(self.group)


class ShareLink(models.Model):
    """Lets whoever has the link follow or read a recording. Its secret is shown once; only its SHA-256 is kept."""

    recording = models.ForeignKey(Recording, models.CASCADE, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    kind = models.CharField(max_length=12, choices=LinkKind.choices, default=LinkKind.LIVE)
    role = models.CharField(max_length=10, choices=LinkRole.choices, default=LinkRole.VIEW)
    label = models.CharField(max_length=100, blank=True, help_text="For the owner, to tell links apart.")
    password = models.CharField(max_length=128, blank=True, editable=False, help_text="Hashed; empty: none is asked.")
    expires_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    visits = models.PositiveIntegerField(default=0)
    last_visit_at = models.DateTimeField(null=True, blank=True)

    objects = ShareLinkQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["recording"], name="link_in_force", condition=Q(revoked_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"link to {self.recording_id}"

    @property
    def has_password(self) -> bool:
        return bool(self.password)

    @property
    def may_comment(self) -> bool:
        return self.kind == LinkKind.TRANSCRIPT and self.role == LinkRole.COMMENT

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()


class CommentMail(models.Model):
    """What a person is to be told by mail of the comments on a recording, and when the last mail was sent."""

    recording = models.ForeignKey(Recording, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    since = models.BigIntegerField(default=0, help_text="The first comment of which the person was not told.")
    due_at = models.DateTimeField(null=True, blank=True, help_text="When the next is sent; empty: none is to be.")
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["recording", "user"], name="comment_mail_to_user")]

    def __str__(self) -> str:
        return f"{self.recording_id} to {self.user_id}"


class Comment(models.Model):
    """What somebody says to a passage, or answers to that (``parent``: threads have one level).

    It keeps the time and the words of its passage, because the passage may go and a new version has others.
    """

    recording = models.ForeignKey(Recording, models.CASCADE, related_name="comments")
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="replies")
    transcript = models.ForeignKey(Transcript, models.SET_NULL, null=True, blank=True, related_name="+")
    index = models.PositiveIntegerField(default=0, help_text="Of the passage in that transcript.")
    start = models.FloatField(help_text="Seconds.")
    quote = models.CharField(max_length=LONGEST_QUOTE, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=150, help_text="Of the author as it was then, or as a guest gave it.")
    link = models.ForeignKey(ShareLink, models.SET_NULL, null=True, blank=True, related_name="comments")
    guest_hash = models.CharField(
        max_length=64, blank=True, editable=False, help_text="SHA-256 of the secret in a guest's browser."
    )
    text = models.TextField(max_length=LONGEST_COMMENT)
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = CommentQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["recording", "start", "id"], name="comment_threads")]

    def __str__(self) -> str:
        return f"comment {self.pk} of {self.name}"
