from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from transcription.admin.base import ReadOnlyAdmin, clock
from transcription.models import Live, LiveChunk
from transcription.services import live


@admin.register(Live)
class LiveAdmin(ReadOnlyAdmin):
    list_display = [
        "title",
        "owner",
        "state",
        "length",
        "bytes",
        "encoding",
        "captions",
        "paused_at",
        "last_seen_at",
        "began",
    ]
    list_filter = ["recording__state", "captions", "encoding", "keep_audio", "first_audio_at"]
    list_select_related = ["recording__owner"]
    search_fields = ["recording__title", "recording__owner__email"]
    date_hierarchy = "first_audio_at"
    ordering = ["-recording__created_at"]
    actions = ["end"]
    fieldsets = [
        (None, {"fields": ["recording", "transcript", "owner", "state"]}),
        (_("Sound"), {"fields": ["encoding", "sample_rate", "received", "length", "bytes", "keep_audio"]}),
        (_("Wished for"), {"fields": ["language", "task", "vocabulary", "captions", "overflow"]}),
        (_("Connection"), {"fields": ["epoch", "paused_at", "first_audio_at", "last_seen_at"]}),
    ]

    @admin.display(description=_("recording"), ordering="recording__title")
    def title(self, spoken: Live) -> str:
        return spoken.recording.title

    @admin.display(description=_("owner"), ordering="recording__owner__email")
    def owner(self, spoken: Live) -> str:
        return str(spoken.recording.owner)

    @admin.display(description=_("state"), ordering="recording__state")
    def state(self, spoken: Live) -> str:
        return spoken.recording.get_state_display()

    @admin.display(description=_("length"))
    def length(self, spoken: Live) -> str:
        return clock(spoken.seconds)

    @admin.display(description=_("size"), ordering="recording__size")
    def bytes(self, spoken: Live) -> str:
        return filesizeformat(spoken.recording.size)

    @admin.display(description=_("began"), ordering="recording__created_at")
    def began(self, spoken: Live) -> object:
        return spoken.recording.created_at

    @admin.action(description=_("End (keeps what was said)"), permissions=["operate"])
    def end(self, request: HttpRequest, queryset: QuerySet[Live]) -> None:
        self.call_each(
            request,
            queryset,
            lambda spoken: live.begin_closing(live_id=spoken.pk, user=spoken.recording.owner),
            done=_("Ended"),
        )


@admin.register(LiveChunk)
class LiveChunkAdmin(ReadOnlyAdmin):
    """What is on its way to becoming one file. It is empty when nobody speaks."""

    list_display = ["id", "title", "position", "length"]
    list_select_related = ["live__recording"]
    ordering = ["-id"]
    sortable_by = ["id"]
    fields = ["live", "position", "length", "checksum", "name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[LiveChunk]:
        return super().get_queryset(request).select_related("live__recording")

    @admin.display(description=_("recording"))
    def title(self, chunk: LiveChunk) -> str:
        return chunk.live.recording.title
