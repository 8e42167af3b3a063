"""Pages of webhooks: a list with a form, and one page for each with its secret and what was sent."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from transcription.enums import WebhookEvent
from transcription.errors import ScriptaError
from transcription.forms.webhooks import WebhookForm
from transcription.models import Webhook
from transcription.services import deliveries, signing, webhooks
from transcription.views.requests import Request

DELIVERIES_A_PAGE = 50
REASONS = {
    deliveries.GONE: _("The receiver said that it is gone for good."),
    deliveries.FAILING: _("For three days, nothing could be delivered."),
}
WHY = {
    "address_invalid": _("The address is not one"),
    "address_refused": _("The address is not public"),
    "name_unknown": _("The host name leads nowhere"),
    "connection_failed": _("Nobody answered"),
    "certificate_invalid": _("The certificate is not valid"),
    "timed_out": _("No answer in time"),
    "redirect_refused": _("The address leads elsewhere"),
    "answer_invalid": _("The connection broke"),
    "status": _("The receiver refused it"),
    deliveries.GONE: _("The receiver is gone"),
    deliveries.SWITCHED_OFF: _("Given up when it was switched off"),
}
LABELS = dict(WebhookEvent.choices) | {deliveries.PING: _("Test message")}


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def webhook_list(request: Request) -> HttpResponse:
    """All of them, and a form for a new one."""
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = webhooks.create_webhook(owner=request.user, **form.cleaned_data)
        except ScriptaError as error:
            form.add_error("url" if error.code.startswith("address_") else None, error.message)
        else:
            messages.success(request, gettext("The webhook was added. Its secret is on this page."))
            return redirect("webhook", pk=made.pk)
    mine = Webhook.objects.visible_to(request.user).order_by("-created_at")
    context = {"webhooks": mine, "form": form}
    return render(request, "transcription/webhooks.html", context, status=400 if form.errors else 200)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def webhook(request: Request, pk: UUID) -> HttpResponse:
    """One of them; POST changes its address and events."""
    found = _own(request, pk)
    form = WebhookForm(request.POST or None, initial={"url": found.url, "events": found.events})
    if request.method == "POST" and form.is_valid():
        try:
            webhooks.change_webhook(webhook=found, **form.cleaned_data)
        except ScriptaError as error:
            form.add_error("url" if error.code.startswith("address_") else None, error.message)
        else:
            messages.success(request, gettext("The webhook was changed."))
            return redirect("webhook", pk=pk)
    pages = Paginator(found.deliveries.newest_first(), DELIVERIES_A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "webhook": found,
        "form": form,
        "page": page,
        "log": [(row, LABELS.get(row.event, row.event), WHY.get(row.error_code, row.error_code)) for row in page],
        "secret": signing.secret_of(webhook=found),
        "reason": REASONS.get(found.disabled_reason, ""),
    }
    return render(request, "transcription/webhook.html", context, status=400 if form.errors else 200)


Action = Callable[..., str]


def action(view: Action) -> Callable[..., HttpResponse]:
    """A POST on one of the user's webhooks; the view returns what was done, in words, or an error says why not."""

    @wraps(view)
    def wrapped(request: Request, pk: UUID, **more: int) -> HttpResponse:
        found = _own(request, pk)
        try:
            messages.success(request, view(found, **more))
        except ScriptaError as error:
            messages.error(request, error.message)
        return redirect("webhook", pk=pk) if Webhook.objects.filter(pk=pk).exists() else redirect("webhooks")

    return login_required(require_POST(wrapped))


@action
def switch(found: Webhook) -> str:
    """On where it is off, off where it is on."""
    changed = webhooks.change_webhook(webhook=found, is_active=not found.is_active)
    return gettext("The webhook was switched on.") if changed.is_active else gettext("The webhook was switched off.")


@action
def rotate(found: Webhook) -> str:
    webhooks.rotate_secret(webhook=found)
    return gettext("The webhook has a new secret. Give it to the receiver.")


@action
def ping(found: Webhook) -> str:
    deliveries.ping(webhook=found)
    return gettext("A test message is on its way.")


@action
def delete(found: Webhook) -> str:
    webhooks.delete_webhook(webhook=found)
    return gettext("The webhook was deleted.")


@action
def redeliver(found: Webhook, delivery: int) -> str:
    deliveries.redeliver(delivery=get_object_or_404(found.deliveries.select_related("webhook"), pk=delivery))
    return gettext("The message is on its way again.")


def _own(request: Request, pk: UUID) -> Webhook:
    return get_object_or_404(Webhook.objects.visible_to(request.user), pk=pk)
