from __future__ import annotations

from django.contrib import admin

from transcription.admin.base import ReadOnlyAdmin
from transcription.models import WatchedFile


@admin.register(WatchedFile)
class WatchedFileAdmin(ReadOnlyAdmin):
    list_display = ["name", "owner", "recording", "problem", "seen_at"]
    list_filter = ["seen_at"]
    list_select_related = ["owner", "recording"]
    search_fields = ["name", "owner__email"]
    date_hierarchy = "seen_at"
    ordering = ["-seen_at"]
    fields = ["name", "owner", "recording", "problem", "digest", "seen_at"]
