from __future__ import annotations

from django.contrib import admin

from transcription.admin.base import ReadOnlyAdmin
from transcription.models import IdempotentAnswer


@admin.register(IdempotentAnswer)
class IdempotentAnswerAdmin(ReadOnlyAdmin):
    """What was answered is not shown: it may hold a secret."""

    list_display = ["key", "user", "status", "created_at"]
    list_filter = ["status", "created_at"]
    list_select_related = ["user"]
    search_fields = ["key", "user__email"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    fields = ["key", "user", "status", "fingerprint", "created_at"]
