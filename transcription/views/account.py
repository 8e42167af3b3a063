"""What belongs to a person as a whole: a copy of all own data, and the end of the account."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import services
from accounts.errors import AccountsError, TooManyAttempts
from accounts.views.throttled import PASSWORD_CHANGES, too_many_attempts
from transcription.downloads import answer_with_data_export
from transcription.errors import ScriptaError
from transcription.forms.own_data import PasswordForm
from transcription.models import DataExport
from transcription.services import data_export, deletion
from transcription.views.requests import Request


@login_required
@require_POST
def request_export(request: Request) -> HttpResponse:
    try:
        data_export.request_export(user=request.user)
        messages.success(request, gettext("A copy of your data is being made. You can leave this page."))
    except ScriptaError as error:
        messages.error(request, error.message)
    return redirect("storage")


@login_required
@require_safe
def download_export(request: Request, pk: UUID) -> HttpResponseBase:
    return answer_with_data_export(request, _own(request, pk))


@login_required
@require_POST
def delete_export(request: Request, pk: UUID) -> HttpResponse:
    data_export.delete(export=_own(request, pk))
    messages.success(request, gettext("The copy of your data was deleted."))
    return redirect("storage")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def delete_account(request: Request) -> HttpResponse:
    """Says what goes, asks for the password, and signs out for good."""
    form = PasswordForm(request.POST or None, user=request.user)
    if request.method == "POST":
        try:
            services.count_attempt(limit=PASSWORD_CHANGES, key=str(request.user.pk))
            if form.is_valid():
                deletion.delete_account(user=request.user)
                logout(request)
                return render(request, "transcription/account_deleted.html")
        except TooManyAttempts as error:
            return too_many_attempts(request, until=error.until)
        except AccountsError as error:
            form.add_error(None, error.message)
    context = {"form": form, "belongings": deletion.belongings_of(request.user)}
    return render(request, "transcription/delete_account.html", context, status=400 if form.errors else 200)


def _own(request: Request, pk: UUID) -> DataExport:
    found: DataExport = get_object_or_404(DataExport.objects.visible_to(request.user), pk=pk)
    return found
