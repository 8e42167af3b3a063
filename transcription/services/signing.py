"""The secrets of webhooks, and signatures made with them, as Standard Webhooks has them (standardwebhooks.com).

A secret is derived from the server's own key and stored nowhere: it can be shown to its owner again, and whoever reads
the database learns none.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from django.utils.crypto import salted_hmac

from transcription.models import Webhook, WebhookDelivery

PREFIX = "whsec_"


def secret_of(*, webhook: Webhook) -> str:
    """``whsec_`` and the base64 of 32 bytes."""
    return PREFIX + base64.b64encode(_key(webhook)).decode()


def _key(webhook: Webhook) -> bytes:
    value = f"{webhook.pk}:{webhook.secret_version}"
    return salted_hmac("transcription.webhook", value, algorithm="sha256").digest()


def body_of(*, delivery: WebhookDelivery) -> bytes:
    payload: dict[str, Any] = delivery.payload
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def signed_headers(*, delivery: WebhookDelivery, body: bytes, at: datetime) -> dict[str, str]:
    """The signature is over the message's identifier, the time in seconds since 1970, and the body, joined by dots."""
    stamp = str(int(at.timestamp()))
    signed = b".".join((str(delivery.event_id).encode(), stamp.encode(), body))
    signature = base64.b64encode(hmac.new(_key(delivery.webhook), signed, hashlib.sha256).digest()).decode()
    return {
        "Content-Type": "application/json",
        "webhook-id": str(delivery.event_id),
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{signature}",
    }
