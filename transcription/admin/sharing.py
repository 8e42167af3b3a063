from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from transcription.admin.base import ReadOnlyAdmin, link
from transcription.models import Comment, CommentMail, Grant, ShareLink
from transcription.services import comments, links, sharing


@admin.register(Grant)
class GrantAdmin(ReadOnlyAdmin):
    list_display = ["recording_title", "owner", "user", "group", "role", "created_at"]
    list_filter = ["role", "created_at"]
    list_select_related = ["recording__owner", "user", "group"]
    search_fields = ["recording__title", "recording__owner__email", "user__email", "group__name"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    actions = ["withdraw"]
    fields = ["recording", "user", "group", "role", "created_by", "created_at"]

    @admin.display(description=_("recording"), ordering="recording__title")
    def recording_title(self, grant: Grant) -> str:
        return grant.recording.title

    @admin.display(description=_("owner"), ordering="recording__owner__email")
    def owner(self, grant: Grant) -> str:
        return str(grant.recording.owner)

    @admin.action(description=_("Withdraw"), permissions=["operate"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Grant]) -> None:
        self.call_each(request, queryset, lambda grant: sharing.withdraw_grant(grant=grant), done=_("Withdrawn"))


@admin.register(ShareLink)
class ShareLinkAdmin(ReadOnlyAdmin):
    list_display = [
        "recording_title",
        "kind",
        "role",
        "has_password",
        "visits",
        "last_visit_at",
        "created_by",
        "created_at",
        "expires_at",
        "revoked_at",
    ]
    list_filter = ["kind", "role", "created_at", "expires_at", "revoked_at"]
    list_select_related = ["recording", "created_by"]
    search_fields = ["recording__title", "created_by__email"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    actions = ["withdraw"]
    fields = [
        "recording",
        "kind",
        "role",
        "label",
        "has_password",
        "visits",
        "last_visit_at",
        "created_by",
        "created_at",
        "expires_at",
        "revoked_at",
    ]

    @admin.display(description=_("recording"), ordering="recording__title")
    def recording_title(self, shared: ShareLink) -> str:
        return shared.recording.title

    @admin.display(description=_("password"), boolean=True)
    def has_password(self, shared: ShareLink) -> bool:
        return shared.has_password

    @admin.action(description=_("Withdraw"), permissions=["operate"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[ShareLink]) -> None:
        in_force = queryset.filter(revoked_at=None)
        self.call_each(request, in_force, lambda shared: links.revoke_link(link=shared), done=_("Withdrawn"))


@admin.register(Comment)
class CommentAdmin(ReadOnlyAdmin):
    """Without what was written, which is nobody's business in a list."""

    list_display = ["id", "recording_title", "name", "author", "by_link", "created_at", "resolved_at"]
    list_filter = ["created_at", "resolved_at"]
    list_select_related = ["recording", "author"]
    search_fields = ["recording__title", "name", "author__email"]
    date_hierarchy = "created_at"
    ordering = ["-id"]
    actions = ["remove"]
    fields = [
        "recording", "parent", "start", "quote", "name", "author", "link", "text", "created_at", "edited_at",
        "resolved_at", "resolved_by",
    ]  # fmt: skip

    @admin.display(description=_("recording"), ordering="recording__title")
    def recording_title(self, comment: Comment) -> SafeString:
        return link(comment.recording, comment.recording.title)

    @admin.display(description=_("by link"), boolean=True)
    def by_link(self, comment: Comment) -> bool:
        return comment.author_id is None and comment.link_id is not None

    @admin.action(description=_("Delete (with all answers)"), permissions=["operate"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        self.call_each(request, queryset, lambda row: comments.remove_comment(comment=row), done=_("Deleted"))


@admin.register(CommentMail)
class CommentMailAdmin(ReadOnlyAdmin):
    list_display = ["recording", "user", "due_at", "sent_at"]
    list_filter = ["due_at", "sent_at"]
    list_select_related = ["recording", "user"]
    search_fields = ["recording__title", "user__email"]
    ordering = ["-pk"]
    fields = ["recording", "user", "since", "due_at", "sent_at"]
