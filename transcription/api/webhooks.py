"""Webhooks: other systems that are told of what happens to recordings."""

from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from transcription.api.admission import READ_OR_WRITE, user_of
from transcription.api.pagination import newest_page, paged, refuse_unknown
from transcription.api.schema import PAGE, answered, asked, operation, page_of
from transcription.api.serializers import PlainCharField, StrictBooleanField, StrictSerializer
from transcription.enums import WebhookEvent
from transcription.models import Webhook, WebhookDelivery
from transcription.services import addresses, deliveries, signing, webhooks

_WEBHOOK = {
    "id": "5f0c2a3e-8f0d-4a57-9d0e-3a9d3c1c2b11",
    "url": "https://example.org/hooks/scripta",
    "events": ["transcript.completed", "transcript.failed"],
    "is_active": True,
    "state": "active",
    "disabled_reason": "",
    "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDRuQJfkP3CjI=",
    "created_at": "2026-03-01T09:30:00Z",
    "disabled_at": None,
    "failing_since": None,
}
_DELIVERY = {
    "id": 71,
    "event_id": "0d9e3f5c-3a53-44a8-a2a8-6b0f0b5b3c55",
    "event": "transcript.completed",
    "state": "delivered",
    "attempts": 1,
    "next_attempt_at": None,
    "status_code": 204,
    "error_code": "",
    "created_at": "2026-03-01T09:31:07Z",
    "delivered_at": "2026-03-01T09:31:08Z",
    "redelivery_of": None,
    "payload": {
        "id": "0d9e3f5c-3a53-44a8-a2a8-6b0f0b5b3c55",
        "type": "transcript.completed",
        "created_at": "2026-03-01T09:31:07+00:00",
        "data": {
            "recording": {
                "id": "f2f7e1f0-0b0e-4a58-8a5b-7f4b1f6f0c11",
                "title": "A talk",
                "state": "ready",
                "duration": 61.5,
                "language": "en",
            },
            "transcript": 12,
            "job": 9,
        },
    },
}


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    """``secret`` is what its messages are signed with."""

    url = serializers.CharField(max_length=addresses.LONGEST)
    state = serializers.ChoiceField(choices=["active", "failing", "off", "disabled"], read_only=True)
    secret = serializers.SerializerMethodField()

    class Meta:
        model = Webhook
        fields = tuple(_WEBHOOK)
        read_only_fields = fields

    def get_secret(self, webhook: Webhook) -> str:
        return signing.secret_of(webhook=webhook)


class WebhookRequestSerializer(StrictSerializer):
    url = PlainCharField(
        max_length=addresses.LONGEST, help_text="https:// or http://, at port 80, 443, or 1024 and above."
    )
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=WebhookEvent.choices), min_length=1, max_length=20
    )


class WebhookChangeSerializer(WebhookRequestSerializer):
    url = PlainCharField(max_length=addresses.LONGEST, required=False)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=WebhookEvent.choices), min_length=1, max_length=20, required=False
    )
    is_active = StrictBooleanField(required=False)


class DeliverySerializer(serializers.ModelSerializer[WebhookDelivery]):
    payload = serializers.DictField()

    class Meta:
        model = WebhookDelivery
        fields = tuple(_DELIVERY)
        read_only_fields = fields


def own(request: Request, pk: UUID) -> Webhook:
    """Raises Http404."""
    found: Webhook = get_object_or_404(Webhook.objects.visible_to(request.user), pk=pk)
    return found


def shown(webhook: Webhook) -> Response:
    return Response(WebhookSerializer(webhook).data)


class WebhooksView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "webhooks_list",
        "List your webhooks",
        "webhooks",
        {200: WebhookSerializer(many=True)},
        problems=(400,),
        examples=[answered(_WEBHOOK)],
        description=f"All of them, newest first: at most {webhooks.MOST}.",
    )
    def get(self, request: Request) -> Response:
        refuse_unknown(request)
        mine = Webhook.objects.visible_to(request.user).order_by("-created_at")
        return Response(WebhookSerializer(mine, many=True).data)

    @operation(
        "webhooks_create",
        "Add a webhook",
        "webhooks",
        {201: WebhookSerializer},
        problems=(400, 409),
        request=WebhookRequestSerializer,
        examples=[asked({"url": _WEBHOOK["url"], "events": _WEBHOOK["events"]}), answered(_WEBHOOK, status=201)],
    )
    def post(self, request: Request) -> Response:
        sent = WebhookRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        made = webhooks.create_webhook(owner=user_of(request), **sent.validated_data)
        return Response(WebhookSerializer(made).data, status=201)


class WebhookView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "webhooks_retrieve",
        "Show a webhook, with its secret",
        "webhooks",
        {200: WebhookSerializer},
        problems=(404,),
        examples=[answered(_WEBHOOK)],
    )
    def get(self, request: Request, pk: UUID) -> Response:
        return shown(own(request, pk))

    @operation(
        "webhooks_change",
        "Change a webhook, or switch it on or off",
        "webhooks",
        {200: WebhookSerializer},
        problems=(400, 404, 409),
        request=WebhookChangeSerializer,
        examples=[asked({"is_active": True}), answered(_WEBHOOK)],
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        webhook = own(request, pk)
        sent = WebhookChangeSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        return shown(webhooks.change_webhook(webhook=webhook, **sent.validated_data))

    @operation("webhooks_delete", "Delete a webhook, with its deliveries", "webhooks", {204: None}, problems=(404,))
    def delete(self, request: Request, pk: UUID) -> Response:
        webhooks.delete_webhook(webhook=own(request, pk))
        return Response(status=204)


class RotateView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "webhooks_rotate",
        "Give it another secret",
        "webhooks",
        {200: WebhookSerializer},
        problems=(404,),
        examples=[answered(_WEBHOOK)],
        description="All that is sent from now on is signed with the new one, also what is sent again.",
    )
    def post(self, request: Request, pk: UUID) -> Response:
        return shown(webhooks.rotate_secret(webhook=own(request, pk)))


class PingView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "webhooks_test",
        "Send a message of the type `ping`",
        "webhooks",
        {201: DeliverySerializer},
        problems=(404, 409),
        examples=[answered(_DELIVERY, status=201)],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        sent = deliveries.ping(webhook=own(request, pk))
        return Response(DeliverySerializer(sent).data, status=201)


class DeliveriesView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "webhooks_deliveries_list",
        "List what was sent in the last 30 days, newest first",
        "webhooks",
        {200: page_of("Delivery", DeliverySerializer)},
        problems=(400, 404),
        parameters=PAGE,
        examples=[answered({"next": None, "results": [_DELIVERY]})],
    )
    def get(self, request: Request, pk: UUID) -> Response:
        refuse_unknown(request, "cursor", "limit")
        found = WebhookDelivery.objects.visible_to(request.user).filter(webhook=own(request, pk))
        page, url = newest_page(request, found, by="created_at")
        return paged(DeliverySerializer(page, many=True).data, url)


class RedeliverView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "webhooks_deliveries_redeliver",
        "Send it again",
        "webhooks",
        {201: DeliverySerializer},
        problems=(404, 409),
        examples=[answered(_DELIVERY, status=201)],
        description="The same message under the same identifier, as a new delivery.",
    )
    def post(self, request: Request, pk: UUID, delivery: int) -> Response:
        log = WebhookDelivery.objects.visible_to(request.user).select_related("webhook")
        found = get_object_or_404(log, pk=delivery, webhook=pk)
        return Response(DeliverySerializer(deliveries.redeliver(delivery=found)).data, status=201)
