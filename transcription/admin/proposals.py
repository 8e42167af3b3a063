from __future__ import annotations

from django.contrib import admin

from transcription.admin.base import ReadOnlyAdmin
from transcription.models import Proposal


@admin.register(Proposal)
class ProposalAdmin(ReadOnlyAdmin):
    """What was heard is text, and so on no list."""

    list_display = ["transcript_id", "start", "end", "state", "percent", "model", "attempt", "created_at"]
    list_filter = ["state", "created_at"]
    search_fields = ["=transcript__recording__id", "user__email"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    fields = [
        "transcript_id",
        "user",
        "start",
        "end",
        "engine",
        "model",
        "language",
        "state",
        "progress",
        "attempt",
        "idle_attempts",
        "task_id",
        "error_code",
        "error_message",
        "created_at",
        "finished_at",
    ]
