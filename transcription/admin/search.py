from __future__ import annotations

from django.contrib import admin

from transcription.admin.base import ReadOnlyAdmin
from transcription.models import GatheredTranscript, SpokenWord


@admin.register(SpokenWord)
class SpokenWordAdmin(ReadOnlyAdmin):
    """Which word it is stands on its own page alone."""

    list_display = ["id", "owner"]
    list_select_related = ["owner"]
    search_fields = ["owner__email"]
    ordering = ["-id"]
    fields = ["owner", "word", "plain"]


@admin.register(GatheredTranscript)
class GatheredTranscriptAdmin(ReadOnlyAdmin):
    list_display = ["transcript", "revision"]
    list_select_related = ["transcript__recording"]
    ordering = ["-transcript"]
    fields = ["transcript", "revision"]
