from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext

from transcription.services.status import FAILURE_DAYS, server_status


@admin.site.admin_view
def status_view(request: HttpRequest) -> HttpResponse:
    """Queue, workers and disk use. htmx asks again every few seconds and gets the figures without their frame."""
    if not request.user.has_perm("transcription.view_job"):
        raise PermissionDenied
    context = {"status": server_status(), "failure_days": FAILURE_DAYS}
    if request.headers.get("HX-Request"):
        return TemplateResponse(request, "admin/_status.html", context)
    return TemplateResponse(
        request, "admin/status.html", admin.site.each_context(request) | context | {"title": gettext("Status")}
    )
