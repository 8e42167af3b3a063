"""Messages to webhooks: signed, tried again, given up, sent again, and safe from workers that die."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.receiver import Receiver, drip, is_signed, status
from tests.server import ROOT
from tests.transcription.told import looks, make_webhook
from tests.web import environment_for_process
from transcription import tasks
from transcription.enums import DeliveryState
from transcription.errors import WrongState
from transcription.models import Webhook, WebhookDelivery
from transcription.services import deliveries, events, queue, recordings, signing
from transcription.services.outgoing import Limits

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _local_receivers(settings: Any) -> None:
    settings.WEBHOOKS_ALLOW_PRIVATE = ["127.0.0.1"]


def let_it_be_due(delivery: WebhookDelivery) -> None:
    WebhookDelivery.objects.filter(pk=delivery.pk).update(next_attempt_at=timezone.now())


def stored(delivery: WebhookDelivery) -> WebhookDelivery:
    return WebhookDelivery.objects.select_related("webhook").get(pk=delivery.pk)


# Sending ----------------------------------------------------------------------------------------------------------


def test_message_arrives_signed():
    with Receiver() as receiver:
        webhook = make_webhook(receiver.url)
        recordings.create_recording(owner=webhook.user, title="Größe ✓", original_name="a.wav", size=3)
        assert deliveries.send_due(webhook_id=webhook.pk) == 1
    (message,) = receiver.received
    delivery = webhook.deliveries.get()
    assert message.json() == delivery.payload
    assert message.headers["webhook-id"] == delivery.payload["id"]
    assert message.headers["content-type"] == "application/json"
    assert is_signed(message, signing.secret_of(webhook=webhook))
    assert not is_signed(replace(message, body=message.body + b" "), signing.secret_of(webhook=webhook))
    assert not is_signed(message, signing.secret_of(webhook=make_webhook()))
    assert (delivery.state, delivery.status_code, delivery.attempts) == (DeliveryState.DELIVERED, 204, 1)
    assert delivery.delivered_at is not None


def test_other_secret_after_rotation():
    webhook = make_webhook()
    before = signing.secret_of(webhook=webhook)
    webhook.secret_version += 1
    after = signing.secret_of(webhook=webhook)
    assert before != after
    assert {len(before), len(after)} == {50}


def test_failed_message_is_tried_again_at_the_stated_times():
    webhook = make_webhook()
    delivery = deliveries.ping(webhook=webhook)
    waited = []
    for attempt in range(len(deliveries.DELAYS) + 1):
        let_it_be_due(delivery)
        before = timezone.now()
        assert deliveries.send_due(webhook_id=webhook.pk) == 1
        now = stored(delivery)
        assert (now.attempts, now.error_code) == (attempt + 1, "address_invalid")  # port 1
        if now.next_attempt_at is not None:
            waited.append(round((now.next_attempt_at - before) / timedelta(seconds=10)) * timedelta(seconds=10))
    assert waited == list(deliveries.DELAYS)
    assert timedelta(hours=23) < sum(waited, timedelta()) < timedelta(hours=24)
    assert (now.state, now.webhook.is_active) == (DeliveryState.FAILED, True)
    assert looks(webhook, scheduled_at__isnull=False) == len(deliveries.DELAYS)


def test_message_that_waits_for_its_time_is_left_alone():
    webhook = make_webhook()
    delivery = deliveries.ping(webhook=webhook)
    deliveries.send_due(webhook_id=webhook.pk)
    assert deliveries.send_due(webhook_id=webhook.pk) == 0
    assert stored(delivery).attempts == 1


@pytest.mark.parametrize(
    ("answer", "code", "error"),
    [
        (status(500, b"secret words"), 500, "status"),
        (status(404), 404, "status"),
        (status(302, Location="http://127.0.0.1:9/"), None, "redirect_refused"),
        (status(307, Location="http://10.0.0.1:8080/"), None, "address_refused"),
    ],
)
def test_refusal_is_kept_by_its_code_and_never_its_words(answer, code, error):
    with Receiver(answer) as receiver:
        delivery = deliveries.ping(webhook=make_webhook(receiver.url))
        deliveries.send_due(webhook_id=delivery.webhook_id)
    now = stored(delivery)
    assert (now.state, now.status_code, now.error_code) == (DeliveryState.PENDING, code, error)
    assert "secret words" not in repr(WebhookDelivery.objects.filter(pk=delivery.pk).values().get())


def test_private_receiver_is_not_reached_unless_allowed(settings):
    settings.WEBHOOKS_ALLOW_PRIVATE = []
    with Receiver() as receiver:
        delivery = deliveries.ping(webhook=make_webhook(receiver.url))
        deliveries.send_due(webhook_id=delivery.webhook_id)
    assert (receiver.received, stored(delivery).error_code) == ([], "address_refused")


def test_receiver_that_drips_is_given_up(monkeypatch):
    monkeypatch.setattr(deliveries, "LIMITS", Limits(total=0.5))
    with Receiver(drip(0.05)) as receiver:
        delivery = deliveries.ping(webhook=make_webhook(receiver.url))
        deliveries.send_due(webhook_id=delivery.webhook_id)
    assert stored(delivery).error_code == "timed_out"


def test_success_forgets_the_failures_before():
    with Receiver() as receiver:
        webhook = make_webhook(receiver.url, failing_since=timezone.now())
        deliveries.ping(webhook=webhook)
        deliveries.send_due(webhook_id=webhook.pk)
    webhook.refresh_from_db()
    assert (webhook.failing_since, webhook.busy_until) == (None, None)


def test_slow_webhook_hands_over_after_its_slice(monkeypatch):
    monkeypatch.setattr(deliveries, "SLICE_SECONDS", -1.0)
    with Receiver() as receiver:
        webhook = make_webhook(receiver.url)
        for _ in range(2):
            deliveries.ping(webhook=webhook)
        assert deliveries.send_due(webhook_id=webhook.pk) == 1
        assert looks(webhook) == 3
        assert deliveries.send_due(webhook_id=webhook.pk) == 1


def test_worker_that_stops_leaves_the_rest_to_another():
    with Receiver() as receiver:
        webhook = make_webhook(receiver.url)
        for _ in range(2):
            deliveries.ping(webhook=webhook)
        assert deliveries.send_due(webhook_id=webhook.pk, should_stop=lambda: True) == 1
        assert deliveries.send_due(webhook_id=webhook.pk) == 1


# The end of a webhook ---------------------------------------------------------------------------------------------


def test_receiver_that_is_gone_is_disabled_at_once():
    with Receiver(status(410)) as receiver:
        webhook = make_webhook(receiver.url)
        sent, waiting = deliveries.ping(webhook=webhook), deliveries.ping(webhook=webhook)
        deliveries.send_due(webhook_id=webhook.pk)
    webhook.refresh_from_db()
    assert (webhook.is_active, webhook.disabled_reason, webhook.state) == (False, "gone", "disabled")
    assert (stored(sent).error_code, stored(waiting).error_code) == ("gone", "switched_off")
    assert len(receiver.received) == 1
    with pytest.raises(WrongState):
        deliveries.ping(webhook=webhook)
    with pytest.raises(WrongState):
        deliveries.redeliver(delivery=stored(sent))


@pytest.mark.parametrize(("days", "active"), [(2, True), (4, False)])
def test_lasting_failure_disables_and_the_owner_is_told(days, active):
    webhook = make_webhook(failing_since=timezone.now() - timedelta(days=days))
    delivery = deliveries.ping(webhook=webhook)
    WebhookDelivery.objects.update(attempts=len(deliveries.DELAYS))
    deliveries.send_due(webhook_id=webhook.pk)
    webhook.refresh_from_db()
    assert (webhook.is_active, stored(delivery).state) == (active, DeliveryState.FAILED)
    mails = ProcrastinateJob.objects.filter(task_name=queue.MAIL_WEBHOOK)
    assert mails.count() == (not active)
    if not active:
        events.mail_webhook_owner(webhook_id=webhook.pk)
        (message,) = mail.outbox
        assert message.to == [webhook.user.email]
        assert webhook.url in message.body
        assert f"/webhooks/{webhook.pk}/" in message.body


def test_redelivery_sends_the_same_under_the_same_identifier():
    with Receiver() as receiver:
        webhook = make_webhook(receiver.url)
        first = deliveries.ping(webhook=webhook)
        with pytest.raises(WrongState):
            deliveries.redeliver(delivery=stored(first))
        deliveries.send_due(webhook_id=webhook.pk)
        again = deliveries.redeliver(delivery=stored(first))
        deliveries.send_due(webhook_id=webhook.pk)
    assert (again.redelivery_of, again.pk == first.pk) == (first, False)
    assert receiver.received[0].body == receiver.received[1].body
    assert receiver.received[0].headers["webhook-id"] == receiver.received[1].headers["webhook-id"]
    assert [row.state for row in WebhookDelivery.objects.all()] == [DeliveryState.DELIVERED] * 2


def test_old_messages_go():
    webhook = make_webhook()
    kept, old, waiting = (deliveries.ping(webhook=webhook) for _ in range(3))
    WebhookDelivery.objects.filter(pk__in=[kept.pk, old.pk]).update(state=DeliveryState.DELIVERED)
    for row in (old, waiting):
        WebhookDelivery.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(days=31))
    assert deliveries.forget_old(now=timezone.now()) == 1
    assert set(WebhookDelivery.objects.values_list("pk", flat=True)) == {kept.pk, waiting.pk}


# Workers that die -------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "function", ["transcription.services.outgoing.request", "transcription.services.deliveries._note"]
)
def test_message_of_a_worker_that_was_killed_is_sent_by_another(function):
    with Receiver() as receiver:
        webhook = make_webhook(receiver.url)
        delivery = deliveries.ping(webhook=webhook)
        command = [sys.executable, "-m", "tests.transcription.dying_delivery", str(webhook.pk), function]
        done = subprocess.run(command, cwd=ROOT, env=environment_for_process(), capture_output=True, check=False)
        assert done.returncode == -9, done.stderr.decode()
        assert stored(delivery).state == DeliveryState.PENDING
        ProcrastinateJob.objects.all().delete()
        assert deliveries.send_due(webhook_id=webhook.pk) == 0  # it may still be at it
        assert deliveries.sweep(now=timezone.now()) == 0
        later = timezone.now() - deliveries.LEASE - timedelta(seconds=1)
        Webhook.objects.update(busy_until=later)
        WebhookDelivery.objects.update(next_attempt_at=later)
        tasks.sweep_deliveries(timestamp=0)
        assert looks(webhook) == 1
        assert deliveries.send_due(webhook_id=webhook.pk) == 1
    assert stored(delivery).state == DeliveryState.DELIVERED
    assert {message.headers["webhook-id"] for message in receiver.received} == {str(delivery.event_id)}


def test_late_word_of_a_worker_that_was_given_up_changes_nothing():
    webhook = make_webhook()
    delivery = deliveries.ping(webhook=webhook)
    late = deliveries._claim(webhook.pk, mine=False)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(attempts=2)
    deliveries._note(late, 200, "")
    assert (stored(delivery).state, stored(delivery).attempts) == (DeliveryState.PENDING, 2)
