"""Django's admin for administrators: what there is and how it fares, never a way around the services.

Rows are read-only, because every change belongs to a service that keeps rows, queue and files together; actions call
those. Lists show no word that was said: text is only on a segment's own page, behind the permission to view segments.
"""

from django.contrib import admin
from procrastinate.contrib.django import admin as _queue_admin  # noqa: F401  (registers now, so that it can be undone)
from procrastinate.contrib.django.models import ProcrastinateJob

from transcription.admin import (
    answers,
    captioned,
    editing,
    folders,
    jobs,
    library,
    live,
    people,
    proposals,
    recordings,
    search,
    sharing,
    transcripts,
    webhooks,
)
from transcription.admin.status import status_view

__all__ = [
    "answers",
    "captioned",
    "editing",
    "folders",
    "jobs",
    "library",
    "live",
    "people",
    "proposals",
    "recordings",
    "search",
    "sharing",
    "status_view",
    "transcripts",
    "webhooks",
]

# The queue's own page would retry and cancel entries behind the back of the jobs that they point to.
admin.site.unregister(ProcrastinateJob)
