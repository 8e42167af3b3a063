from __future__ import annotations

from django.contrib import admin

from transcription.admin.base import ReadOnlyAdmin
from transcription.models import CaptionedVideo


@admin.register(CaptionedVideo)
class CaptionedVideoAdmin(ReadOnlyAdmin):
    list_display = ["recording", "state", "percent", "attempt", "size", "queued_at", "finished_at"]
    list_filter = ["state", "queued_at"]
    list_select_related = ["recording"]
    search_fields = ["recording__id", "recording__owner__email"]
    date_hierarchy = "queued_at"
    ordering = ["-queued_at"]
    fields = [
        "recording",
        "transcript",
        "speakers",
        "state",
        "progress",
        "attempt",
        "idle_attempts",
        "task_id",
        "error_code",
        "error_message",
        "size",
        "queued_at",
        "finished_at",
    ]
