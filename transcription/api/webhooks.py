"""Webhooks: other systems that are told of what happens to recordings."""

from __future__ import annotations

from typing import Any, ClassVar, cast
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Scope, User
from transcription.enums import WebhookEvent
from transcription.models import Webhook, WebhookDelivery
from transcription.services import addresses, deliveries, signing, webhooks

TAGS = ["webhooks"]
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
WEBHOOK_EXAMPLE = OpenApiExample("A webhook", value=_WEBHOOK, response_only=True)
DELIVERY_EXAMPLE = OpenApiExample("A delivery", value=_DELIVERY, response_only=True)
ASKED_EXAMPLE = OpenApiExample(
    "Told of transcripts", value={"url": _WEBHOOK["url"], "events": _WEBHOOK["events"]}, request_only=True
)
CHANGE_EXAMPLE = OpenApiExample("Switch it on again", value={"is_active": True}, request_only=True)
NOT_FOUND = OpenApiResponse(OpenApiTypes.OBJECT, description="There is none, or it is another person's.")
REFUSED = OpenApiResponse(OpenApiTypes.OBJECT, description="A value, or the address, is not acceptable.")
CONFLICT = OpenApiResponse(OpenApiTypes.OBJECT, description="It is switched off, on its way, or one too many.")
WEBHOOK_ID = OpenApiParameter("pk", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The webhook.")


class PlainCharField(serializers.CharField):
    """Texts only: numbers are not made into texts."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


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


class WebhookRequestSerializer(serializers.Serializer[Any]):
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
    is_active = serializers.BooleanField(required=False)


class DeliverySerializer(serializers.ModelSerializer[WebhookDelivery]):
    payload = serializers.DictField()

    class Meta:
        model = WebhookDelivery
        fields = tuple(_DELIVERY)
        read_only_fields = fields


class DeliveryPageSerializer(serializers.Serializer[Any]):
    """A page of the log. ``next`` and ``previous`` are addresses; null at the ends."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = DeliverySerializer(many=True)


class DeliveryPagination(CursorPagination):
    ordering = ("-created_at", "-id")
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


class ScopedView(APIView):
    """Looking needs the scope ``read``, all else ``write``."""

    @property
    def required_scope(self) -> Scope:
        return Scope.READ if self.request.method in {"GET", "HEAD", "OPTIONS"} else Scope.WRITE

    def webhook(self, pk: UUID) -> Webhook:
        found: Webhook = get_object_or_404(Webhook.objects.visible_to(self.request.user), pk=pk)
        return found


class WebhooksView(ScopedView):
    @extend_schema(
        operation_id="webhooks_list",
        summary="List your webhooks",
        description=f"All of them, newest first: at most {webhooks.MOST}.",
        tags=TAGS,
        responses=WebhookSerializer(many=True),
        examples=[WEBHOOK_EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        mine = Webhook.objects.visible_to(request.user).order_by("-created_at")
        return Response(WebhookSerializer(mine, many=True).data)

    @extend_schema(
        operation_id="webhooks_create",
        summary="Add a webhook",
        tags=TAGS,
        request=WebhookRequestSerializer,
        responses={201: WebhookSerializer, 400: REFUSED, 409: CONFLICT},
        examples=[ASKED_EXAMPLE, WEBHOOK_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        asked = WebhookRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        owner = cast(User, request.user)  # a permission sees to it
        made = webhooks.create_webhook(owner=owner, **asked.validated_data)
        return Response(WebhookSerializer(made).data, status=201)


@extend_schema(parameters=[WEBHOOK_ID], tags=TAGS)
class WebhookView(ScopedView):
    @extend_schema(
        operation_id="webhooks_retrieve",
        summary="Show a webhook, with its secret",
        responses={200: WebhookSerializer, 404: NOT_FOUND},
        examples=[WEBHOOK_EXAMPLE],
    )
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(WebhookSerializer(self.webhook(pk)).data)

    @extend_schema(
        operation_id="webhooks_change",
        summary="Change a webhook, or switch it on or off",
        request=WebhookChangeSerializer,
        responses={200: WebhookSerializer, 400: REFUSED, 404: NOT_FOUND, 409: CONFLICT},
        examples=[CHANGE_EXAMPLE, WEBHOOK_EXAMPLE],
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        webhook = self.webhook(pk)
        asked = WebhookChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        changed = webhooks.change_webhook(webhook=webhook, **asked.validated_data)
        return Response(WebhookSerializer(changed).data)

    @extend_schema(
        operation_id="webhooks_delete",
        summary="Delete a webhook, with its deliveries",
        responses={204: None, 404: NOT_FOUND},
    )
    def delete(self, request: Request, pk: UUID) -> Response:
        webhooks.delete_webhook(webhook=self.webhook(pk))
        return Response(status=204)


@extend_schema(parameters=[WEBHOOK_ID], tags=TAGS)
class RotateView(ScopedView):
    @extend_schema(
        operation_id="webhooks_rotate",
        summary="Give it another secret",
        description="All that is sent from now on is signed with the new one, also what is sent again.",
        request=None,
        responses={200: WebhookSerializer, 404: NOT_FOUND},
        examples=[WEBHOOK_EXAMPLE],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        return Response(WebhookSerializer(webhooks.rotate_secret(webhook=self.webhook(pk))).data)


@extend_schema(parameters=[WEBHOOK_ID], tags=TAGS)
class PingView(ScopedView):
    @extend_schema(
        operation_id="webhooks_test",
        summary="Send a message of the type `ping`",
        request=None,
        responses={201: DeliverySerializer, 404: NOT_FOUND, 409: CONFLICT},
        examples=[DELIVERY_EXAMPLE],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        sent = deliveries.ping(webhook=self.webhook(pk))
        return Response(DeliverySerializer(sent).data, status=201)


@extend_schema(parameters=[WEBHOOK_ID], tags=TAGS)
class DeliveriesView(ScopedView):
    pagination_class: ClassVar = DeliveryPagination

    @extend_schema(
        operation_id="webhooks_deliveries_list",
        summary="List what was sent in the last 30 days, newest first",
        parameters=[
            OpenApiParameter("cursor", str, description="Taken from `next` or `previous`."),
            OpenApiParameter("page_size", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
        ],
        responses={
            200: DeliveryPageSerializer,
            404: NOT_FOUND,
        },
        examples=[
            OpenApiExample(
                "One delivery", value={"next": None, "previous": None, "results": [_DELIVERY]}, response_only=True
            )
        ],
    )
    def get(self, request: Request, pk: UUID) -> Response:
        found = WebhookDelivery.objects.visible_to(request.user).filter(webhook=self.webhook(pk))
        pages = self.pagination_class()
        page = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response(DeliverySerializer(page, many=True).data)


@extend_schema(
    parameters=[
        WEBHOOK_ID,
        OpenApiParameter("delivery", OpenApiTypes.INT, OpenApiParameter.PATH, description="What was sent."),
    ],
    tags=TAGS,
)
class RedeliverView(ScopedView):
    @extend_schema(
        operation_id="webhooks_deliveries_redeliver",
        summary="Send it again",
        description="The same message under the same identifier, as a new delivery.",
        request=None,
        responses={201: DeliverySerializer, 404: NOT_FOUND, 409: CONFLICT},
        examples=[DELIVERY_EXAMPLE],
    )
    def post(self, request: Request, pk: UUID, delivery: int) -> Response:
        log = WebhookDelivery.objects.visible_to(request.user).select_related("webhook")
        found = get_object_or_404(log, pk=delivery, webhook=pk)
        return Response(DeliverySerializer(deliveries.redeliver(delivery=found)).data, status=201)
