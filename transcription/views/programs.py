"""For those who write programs: the API to read and to try."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@login_required
@require_safe
def api_page(request: Any) -> HttpResponse:
    return render(request, "transcription/api.html")
