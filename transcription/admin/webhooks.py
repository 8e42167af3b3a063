from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from transcription.admin.base import ReadOnlyAdmin, ValuesOrNone, link
from transcription.models import Import, Webhook, WebhookDelivery
from transcription.services import deliveries


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    list_display = ["url", "user", "is_active", "failing_since", "disabled_at", "disabled_reason", "created_at"]
    list_filter = ["is_active", ("disabled_reason", ValuesOrNone), "created_at"]
    list_select_related = ["user"]
    search_fields = ["url", "user__email"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    actions = ["switch_off"]
    fields = [
        "id",
        "user",
        "url",
        "events",
        "is_active",
        "failing_since",
        "disabled_at",
        "disabled_reason",
        "busy_until",
        "created_at",
    ]

    @admin.action(description=_("Switch off"), permissions=["operate"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        self.call_each(request, queryset, lambda row: deliveries.disable(webhook=row), done=_("Switched off"))


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    """Without what was sent: it names recordings."""

    list_display = ["id", "to", "event", "state", "attempts", "status_code", "error_code", "created_at"]
    list_filter = ["state", "event", ("error_code", ValuesOrNone), "created_at"]
    list_select_related = ["webhook"]
    search_fields = ["webhook__url", "webhook__user__email"]
    date_hierarchy = "created_at"
    ordering = ["-id"]
    fields = [
        "webhook",
        "event_id",
        "event",
        "state",
        "attempts",
        "next_attempt_at",
        "status_code",
        "error_code",
        "created_at",
        "delivered_at",
        "redelivery_of",
    ]

    @admin.display(description=_("webhook"), ordering="webhook__url")
    def to(self, delivery: WebhookDelivery) -> SafeString:
        return link(delivery.webhook, delivery.webhook.url)


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    """What is being fetched from elsewhere. It is empty when nothing is."""

    list_display = ["title", "owner", "attempts", "created_at"]
    list_select_related = ["recording__owner"]
    search_fields = ["recording__title", "recording__owner__email"]
    ordering = ["-created_at"]
    fields = ["recording", "owner", "attempts", "options", "created_at"]

    @admin.display(description=_("recording"), ordering="recording__title")
    def title(self, fetched: Import) -> str:
        return fetched.recording.title

    @admin.display(description=_("owner"), ordering="recording__owner__email")
    def owner(self, fetched: Import) -> str:
        return str(fetched.recording.owner)
