from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from transcription.admin.base import ReadOnly, ReadOnlyAdmin, ValuesOrNone, clock, link
from transcription.models import Job, Recording, Transcript, Upload, Waveform
from transcription.querysets import RecordingQuerySet
from transcription.services import jobs, recordings, uploads


class JobInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = Job
    fields = readonly_fields = ("state", "model", "language", "attempt", "error_message", "queued_at", "finished_at")
    ordering = ["-id"]
    template = "admin/read_only_rows.html"


class TranscriptInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = Transcript
    fields = readonly_fields = ("version", "engine", "model", "task", "language", "is_complete", "created_at")
    ordering = ["-version"]
    template = "admin/read_only_rows.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Transcript]:
        return super().get_queryset(request).select_related("recording")  # its name is part of the transcript's


class InTrash(admin.SimpleListFilter):
    title = _("trash")
    parameter_name = "trash"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("no", gettext("In the library")), ("yes", gettext("In the trash"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        recordings = cast(RecordingQuerySet, queryset)
        if self.value() == "no":
            return recordings.kept()
        return recordings.trashed() if self.value() == "yes" else recordings


@admin.register(Recording)
class RecordingAdmin(ReadOnlyAdmin):
    list_display = [
        "title",
        "owner",
        "state",
        "newest_job",
        "length",
        "bytes",
        "created_at",
        "in_trash",
    ]
    list_filter = ["state", InTrash, "has_video", "created_at", ("error_code", ValuesOrNone)]
    list_select_related = ["owner"]
    search_fields = ["title", "original_name", "owner__email"]
    date_hierarchy = "created_at"
    ordering = ["-created_at", "-id"]
    actions = ["trash", "restore"]
    inlines = [JobInline, TranscriptInline]
    fieldsets = [
        (None, {"fields": ["id", "owner", "title", "original_name", "state"]}),
        (_("Problem"), {"fields": ["error_code", "error_message"]}),
        (_("File"), {"fields": ["stored_as", "bytes", "media_type", "has_video", "length"]}),
        (_("Times"), {"fields": ["created_at", "deleted_at"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> RecordingQuerySet:
        return cast(RecordingQuerySet, super().get_queryset(request)).with_newest_job()

    @admin.display(description=_("newest job"))
    def newest_job(self, recording: Recording) -> str | SafeString:
        newest = getattr(recording, "newest_jobs", [])
        return link(newest[0], newest[0].get_state_display()) if newest else "–"

    @admin.display(description=_("length"), ordering="duration")
    def length(self, recording: Recording) -> str:
        return clock(recording.duration)

    @admin.display(description=_("size"), ordering="size")
    def bytes(self, recording: Recording) -> str:
        return filesizeformat(recording.size)

    @admin.display(description=_("in the trash"), ordering="deleted_at", boolean=True)
    def in_trash(self, recording: Recording) -> bool:
        return recording.deleted_at is not None

    @admin.display(description=_("stored as"))
    def stored_as(self, recording: Recording) -> str:
        """The name only: a link would lead to media that just the owner may open."""
        return recording.media.name or "–"

    @admin.action(description=_("Move to the trash (ends their work)"), permissions=["operate"])
    def trash(self, request: HttpRequest, queryset: RecordingQuerySet) -> None:
        self.call_each(
            request,
            queryset.kept(),
            lambda recording: jobs.trash_recording(recording=recording),
            done=_("Moved to the trash"),
        )

    @admin.action(description=_("Bring back from the trash"), permissions=["operate"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Recording]) -> None:
        self.call_each(
            request,
            queryset,
            lambda recording: jobs.restore_recording(recording=recording),
            done=_("Brought back"),
        )

    # Django's own "delete", with its page that asks first, through the service that also deletes the file. ------------

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("transcription.delete_recording")

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], set[Any], list[Any]]:
        """What will go, in one line a recording: Django would list each segment of each transcript."""
        lines = [
            gettext("%(title)s, with its file, jobs and transcripts") % {"title": recording.title} for recording in objs
        ]
        return lines, {Recording._meta.verbose_name_plural: len(lines)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Recording) -> None:
        _purge(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Recording]) -> None:
        for recording in queryset:
            _purge(recording)


def _purge(recording: Recording) -> None:
    if recording.deleted_at is None:
        jobs.trash_recording(recording=recording)
    recordings.purge_recording(recording=recording)


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    list_display = ["title", "owner", "is_finished", "arrived", "created_at", "expires_at"]
    list_filter = ["recording__state", "created_at", "expires_at"]
    list_select_related = ["recording__owner"]
    search_fields = ["recording__title", "recording__original_name", "recording__owner__email"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    actions = ["cancel"]
    fields = ["id", "recording", "owner", "arrived", "options", "created_at", "expires_at"]

    @admin.display(description=_("recording"), ordering="recording__title")
    def title(self, upload: Upload) -> str:
        return upload.recording.title

    @admin.display(description=_("owner"), ordering="recording__owner__email")
    def owner(self, upload: Upload) -> str:
        return str(upload.recording.owner)

    @admin.display(description=_("complete"), boolean=True)
    def is_finished(self, upload: Upload) -> bool:
        return upload.offset == upload.length

    @admin.display(description=_("arrived"), ordering="offset")
    def arrived(self, upload: Upload) -> str:
        return gettext("%(arrived)s of %(expected)s") % {
            "arrived": filesizeformat(upload.offset),
            "expected": filesizeformat(upload.length),
        }

    @admin.action(description=_("Cancel (throws away what has arrived)"), permissions=["operate"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Upload]) -> None:
        self.call_each(request, queryset, lambda upload: uploads.cancel_upload(upload=upload), done=_("Cancelled"))


@admin.register(Waveform)
class WaveformAdmin(ReadOnlyAdmin):
    list_display = ["title", "owner", "covers", "count"]
    list_select_related = ["recording__owner"]
    search_fields = ["recording__title", "recording__owner__email"]
    ordering = ["-recording__created_at"]
    fields = ["recording", "covers", "count"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).defer("peaks").annotate(count=Length("peaks"))
        return rows

    @admin.display(description=_("recording"), ordering="recording__title")
    def title(self, waveform: Waveform) -> str:
        return waveform.recording.title

    @admin.display(description=_("owner"), ordering="recording__owner__email")
    def owner(self, waveform: Waveform) -> str:
        return str(waveform.recording.owner)

    @admin.display(description=_("covers"), ordering="seconds")
    def covers(self, waveform: Waveform) -> str:
        return clock(waveform.seconds)

    @admin.display(description=_("peaks"), ordering="count")
    def count(self, waveform: Any) -> int:
        return int(waveform.count)
