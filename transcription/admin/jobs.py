from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from transcription import whisper_service
from transcription.admin.base import ReadOnlyAdmin, ValuesOrNone, clock, link
from transcription.models import Job
from transcription.services import jobs


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = [
        "id",
        "recording_title",
        "owner",
        "state",
        "percent_done",
        "attempt",
        "model_title",
        "took",
        "error_code",
        "worker",
        "queued_at",
    ]
    list_filter = ["state", "queued_at", "task", ("error_code", ValuesOrNone), "engine"]
    list_select_related = ["recording__owner"]
    search_fields = ["recording__title", "recording__owner__email", "worker", "error_message"]
    date_hierarchy = "queued_at"
    ordering = ["-id"]
    actions = ["retry", "cancel"]
    fieldsets = [
        (None, {"fields": ["recording", "transcript", "state", "percent_done", "seconds_left", "warning"]}),
        (_("Problem"), {"fields": ["error_code", "error_message"]}),
        (
            _("Wished for"),
            {"fields": ["engine", "model", "language", "task", "vocabulary", "notify_by_mail", "priority"]},
        ),
        (_("Attempts"), {"fields": ["attempt", "idle_attempts", "worker", "task_id"]}),
        (_("Times"), {"fields": ["queued_at", "started_at", "finished_at", "took"]}),
    ]

    @admin.display(description=_("recording"), ordering="recording__title")
    def recording_title(self, job: Job) -> SafeString:
        return link(job.recording, job.recording.title)

    @admin.display(description=_("owner"), ordering="recording__owner__email")
    def owner(self, job: Job) -> str:
        return str(job.recording.owner)

    @admin.display(description=_("progress"), ordering="progress")
    def percent_done(self, job: Job) -> str:
        return f"{job.percent} %"

    @admin.display(description=_("model"), ordering="model")
    def model_title(self, job: Job) -> str:
        return whisper_service.model_title(job.model)

    @admin.display(description=_("time taken"))
    def took(self, job: Job) -> str:
        """Of the newest attempt."""
        if job.started_at is None or job.finished_at is None:
            return "–"
        return clock((job.finished_at - job.started_at).total_seconds())

    @admin.action(description=_("Try again"), permissions=["operate"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self.call_each(request, queryset, lambda job: jobs.retry_job(job=job), done=_("Put back in line"))

    @admin.action(description=_("Cancel"), permissions=["operate"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        self.call_each(request, queryset, lambda job: jobs.cancel_job(job=job), done=_("Cancelled"))
