"""What a person's recordings take, which of them go by rule, and the rule itself."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from transcription.errors import ConfirmationNeeded, ScriptaError
from transcription.forms.own_data import RetentionForm
from transcription.models import DataExport
from transcription.services import retention, storage_use
from transcription.views.requests import Request

LARGEST_A_PAGE = 20


@login_required
@require_safe
def storage(request: Request) -> HttpResponse:
    return _page(request, _form(request))


@login_required
@require_POST
def change_rule(request: Request) -> HttpResponse:
    """One that deletes at once is shown with the number of recordings, and taken when that number comes back."""
    form = RetentionForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    sent = request.POST.get("confirmed", "")
    confirmed = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else None
    try:
        retention.change_rule(user=request.user, confirmed=confirmed, **form.cleaned_data)
    except ConfirmationNeeded as needed:
        return _page(request, form, at_once=needed.count, status=409)
    except ScriptaError as error:
        form.add_error(None, error.message)
        return _page(request, form, status=400)
    messages.success(request, gettext("The rule was saved."))
    return redirect("storage")


def _form(request: Request) -> RetentionForm:
    rule = retention.rule_of(request.user)
    return RetentionForm(initial={"sound_days": rule.sound_days, "all_days": rule.all_days} if rule else {})


def _page(request: Request, form: RetentionForm, *, at_once: int = 0, status: int = 200) -> HttpResponse:
    foreseen = retention.foreseen(user=request.user, now=timezone.now())
    largest = Paginator(storage_use.largest_first(request.user), LARGEST_A_PAGE)
    context = {
        "use": storage_use.use_of(request.user),
        "page": largest.get_page(request.GET.get("page")),
        "form": form,
        "at_once": at_once,
        "bounds": retention.bounds(),
        "foreseen": [{"recording": recording, "kind": kind, "at": at} for recording, kind, at in foreseen.rows],
        "foreseen_more": foreseen.more,
        "exports": DataExport.objects.visible_to(request.user).order_by("-created_at"),
    }
    return render(request, "transcription/storage.html", context, status=status)
