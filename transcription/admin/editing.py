"""Corrections: who did what and when. What was said is on no page of these."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from transcription.admin.base import ReadOnlyAdmin
from transcription.models import MachineSegment, NamedRevision, Speaker, TranscriptEdit


@admin.register(TranscriptEdit)
class TranscriptEditAdmin(ReadOnlyAdmin):
    list_display = ["transcript", "revision", "kind", "user", "undone", "created_at"]
    list_filter = ["kind", ("undone_revision", admin.EmptyFieldListFilter), "created_at"]
    list_select_related = ["transcript__recording", "user"]
    search_fields = ["transcript__recording__id", "user__email"]
    date_hierarchy = "created_at"
    ordering = ["-id"]
    fields = ["transcript", "revision", "kind", "user", "request", "group", "undone_revision", "created_at"]

    @admin.display(description=_("taken back"), boolean=True)
    def undone(self, edit: TranscriptEdit) -> bool:
        return edit.is_undone


@admin.register(NamedRevision)
class NamedRevisionAdmin(ReadOnlyAdmin):
    list_display = ["name", "transcript", "revision", "user", "created_at"]
    list_select_related = ["transcript__recording", "user"]
    search_fields = ["transcript__recording__id", "user__email"]
    ordering = ["-id"]
    fields = ["name", "transcript", "revision", "user", "created_at"]


@admin.register(Speaker)
class SpeakerAdmin(ReadOnlyAdmin):
    list_display = ["transcript", "number", "name"]
    list_select_related = ["transcript__recording"]
    search_fields = ["transcript__recording__id"]
    ordering = ["-id"]
    fields = ["transcript", "number", "name"]


@admin.register(MachineSegment)
class MachineSegmentAdmin(ReadOnlyAdmin):
    list_display = ["transcript", "index"]
    list_select_related = ["transcript__recording"]
    search_fields = ["transcript__recording__id"]
    ordering = ["-id"]
    fields = ["transcript", "index"]
