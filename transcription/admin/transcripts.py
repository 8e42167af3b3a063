from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from transcription import whisper_service
from transcription.admin.base import ReadOnlyAdmin, clock, link
from transcription.models import Transcript, TranscriptSegment


@admin.register(Transcript)
class TranscriptAdmin(ReadOnlyAdmin):
    list_display = [
        "title",
        "version",
        "owner",
        "engine",
        "model_title",
        "language",
        "task",
        "covers",
        "is_complete",
        "created_at",
    ]
    list_filter = ["is_complete", "task", "engine", "created_at"]
    list_select_related = ["recording__owner"]
    search_fields = ["recording__title", "recording__owner__email"]
    date_hierarchy = "created_at"
    ordering = ["-id"]
    fieldsets = [
        (None, {"fields": ["recording", "version", "revision", "is_complete", "covers", "segments_link"]}),
        (_("Made with"), {"fields": ["engine", "model", "task"]}),
        (_("Language"), {"fields": ["language", "language_probability"]}),
        (_("Times"), {"fields": ["created_at"]}),
    ]

    @admin.display(description=_("recording"), ordering="recording__title")
    def title(self, transcript: Transcript) -> str:
        return transcript.recording.title

    @admin.display(description=_("owner"), ordering="recording__owner__email")
    def owner(self, transcript: Transcript) -> str:
        return str(transcript.recording.owner)

    @admin.display(description=_("model"), ordering="model")
    def model_title(self, transcript: Transcript) -> str:
        return whisper_service.model_title(transcript.model)

    @admin.display(description=_("covers"), ordering="position")
    def covers(self, transcript: Transcript) -> str:
        return clock(transcript.position)

    @admin.display(description=_("segments"))
    def segments_link(self, transcript: Transcript) -> SafeString:
        url = reverse("admin:transcription_transcriptsegment_changelist")
        return format_html(
            '<a href="{}?transcript__id__exact={}">{}</a>', url, transcript.pk, transcript.segments.count()
        )


class Doubtful(admin.SimpleListFilter):
    title = _("doubt")
    parameter_name = "doubtful"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        """Fixed: asking the table for the values that occur would read all of it."""
        return [("yes", gettext("Doubtful")), ("low", gettext("Confidence below 50 %"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[TranscriptSegment]) -> QuerySet[TranscriptSegment]:
        if self.value() == "yes":
            return queryset.exclude(doubt="")
        if self.value() == "low":
            return queryset.filter(confidence__lt=0.5)
        return queryset


@admin.register(TranscriptSegment)
class TranscriptSegmentAdmin(ReadOnlyAdmin):
    """Millions of rows: by number only, without search, and without the text, which is nobody's business in a list."""

    list_display = ["id", "transcript_title", "index", "from_to", "language", "sure", "doubt"]
    list_filter = [Doubtful]
    list_select_related = ["transcript__recording"]
    ordering = ["-id"]
    sortable_by = ["id"]
    fields = ["transcript", "index", "from_to", "language", "sure", "doubt", "text"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[TranscriptSegment]:
        return super().get_queryset(request).select_related("transcript__recording").defer("words")

    @admin.display(description=_("transcript"))
    def transcript_title(self, segment: TranscriptSegment) -> SafeString:
        return link(segment.transcript, str(segment.transcript))

    @admin.display(description=_("time"))
    def from_to(self, segment: TranscriptSegment) -> str:
        return f"{clock(segment.start)} – {clock(segment.end)}"

    @admin.display(description=_("confidence"))
    def sure(self, segment: TranscriptSegment) -> str:
        return f"{segment.confidence:.0%}"
