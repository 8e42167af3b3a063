"""The pages of webhooks."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_recording, make_user
from transcription.models import Webhook, WebhookDelivery
from transcription.services import deliveries, signing, webhooks
from transcription.views import webhooks as views

pytestmark = pytest.mark.django_db
GOOD = {"url": "http://127.0.0.1:8080/hook", "events": ["transcript.completed"]}


@pytest.fixture(autouse=True)
def _local_receivers(settings: Any) -> None:
    settings.WEBHOOKS_ALLOW_PRIVATE = ["127.0.0.1"]


@pytest.fixture
def client(client_of_owner) -> Client:
    return client_of_owner


@pytest.fixture
def webhook(owner) -> Webhook:
    return webhooks.create_webhook(owner=owner, **GOOD)


def act(client: Client, name: str, webhook: Webhook, *more: object) -> list[str]:
    """The notices that an action leaves."""
    answer = client.post(reverse(name, args=[webhook.pk, *more]))
    assert answer.status_code == 302
    client.cookies.pop("messages", None)
    return [message.message for message in get_messages(answer.wsgi_request)]


def test_list_without_webhooks_says_so_and_offers_one(client):
    page = client.get(reverse("webhooks"))
    assert "Nobody yet." in page.content.decode()
    assert page.content.decode().count('type="checkbox" name="events"') == 5


def test_profile_leads_to_the_list(client):
    assert f'href="{reverse("webhooks")}"' in client.get(reverse("accounts:profile")).content.decode()


def test_new_webhook_shows_its_secret(client):
    page = client.post(reverse("webhooks"), GOOD, follow=True)
    made = Webhook.objects.get()
    assert page.redirect_chain == [(reverse("webhook", args=[made.pk]), 302)]
    assert f'value="{signing.secret_of(webhook=made)}"' in page.content.decode()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (GOOD | {"url": "http://10.0.0.1/"}, "This address belongs to a network that is not public."),
        (GOOD | {"url": "http://a:b@example.org/"}, "An address must not hold a user name or password."),
        (GOOD | {"url": ""}, "This field is required."),
        (GOOD | {"url": "http://example.org/\0"}, "Null characters are not allowed."),
        (GOOD | {"events": []}, "Choose at least one."),
        (GOOD | {"events": ["everything"]}, "Select a valid choice. everything is not one of the available choices."),
    ],
)
def test_what_is_wrong_is_said_at_the_form(client, values, words):
    page = client.post(reverse("webhooks"), values)
    assert (page.status_code, Webhook.objects.count()) == (400, 0)
    assert words in page.content.decode()


def test_one_too_many_is_said(client, webhook, monkeypatch):
    monkeypatch.setattr(webhooks, "MOST", 1)
    assert (
        "You have as many webhooks as one person may have." in client.post(reverse("webhooks"), GOOD).content.decode()
    )


def test_change(client, webhook):
    client.post(
        reverse("webhook", args=[webhook.pk]), {"url": GOOD["url"], "events": ["live.started", "live.finished"]}
    )
    webhook.refresh_from_db()
    assert webhook.events == ["live.started", "live.finished"]
    refused = client.post(reverse("webhook", args=[webhook.pk]), GOOD | {"url": "http://10.0.0.1/"})
    assert (refused.status_code, Webhook.objects.get().url) == (400, GOOD["url"])


def test_log_shows_what_was_sent_and_sends_it_again(client, owner, webhook):
    make_recording(owner)
    first = deliveries.ping(webhook=webhook)
    WebhookDelivery.objects.update(state="failed", status_code=500, error_code="status", attempts=9)
    page = client.get(reverse("webhook", args=[webhook.pk])).content.decode()
    for words in ("Test message", "Failed", "status 500", "9 attempts", "The receiver refused it", "Send again"):
        assert words in page
    assert act(client, "webhook-redeliver", webhook, first.pk) == ["The message is on its way again."]
    assert webhook.deliveries.latest("id").redelivery_of == first


def test_log_has_pages_and_as_many_queries_for_many_rows(client, webhook, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(views, "DELIVERIES_A_PAGE", 2)
    counts = []
    for _ in range(2):
        deliveries.ping(webhook=webhook)
        with django_assert_max_num_queries(20) as made:
            client.get(reverse("webhook", args=[webhook.pk]))
        counts.append(len(made))
    deliveries.ping(webhook=webhook)
    assert counts[0] == counts[1]
    assert "Page 2 of 2" in client.get(reverse("webhook", args=[webhook.pk]) + "?page=2").content.decode()


def test_disabled_webhook_says_why_and_is_switched_on_again(client, webhook):
    deliveries.disable(webhook=webhook, reason="gone")
    page = client.get(reverse("webhook", args=[webhook.pk])).content.decode()
    assert "The receiver said that it is gone for good. So it was switched off" in page
    assert "disabled" in client.get(reverse("webhooks")).content.decode()
    assert act(client, "webhook-switch", webhook) == ["The webhook was switched on."]
    assert act(client, "webhook-switch", webhook) == ["The webhook was switched off."]
    assert act(client, "webhook-test", webhook) == ["This webhook is switched off."]
    assert "You switched it off" in client.get(reverse("webhook", args=[webhook.pk])).content.decode()


def test_failing_webhook_is_warned_of(client, webhook):
    Webhook.objects.update(failing_since=timezone.now())
    assert "Nothing has arrived there since" in client.get(reverse("webhook", args=[webhook.pk])).content.decode()


def test_rotate_test_and_delete(client, webhook):
    assert act(client, "webhook-rotate", webhook) == ["The webhook has a new secret. Give it to the receiver."]
    assert act(client, "webhook-test", webhook) == ["A test message is on its way."]
    assert act(client, "webhook-delete", webhook) == ["The webhook was deleted."]
    assert Webhook.objects.count() == 0


@pytest.mark.parametrize("name", ["webhook", "webhook-switch", "webhook-rotate", "webhook-test", "webhook-delete"])
def test_webhook_of_another_is_not_there(client, name):
    other = webhooks.create_webhook(owner=make_user(), **GOOD)
    assert client.post(reverse(name, args=[other.pk])).status_code == 404
    assert client.get(reverse(name, args=[other.pk])).status_code in {404, 405}
    assert Webhook.objects.get().secret_version == 1


@pytest.mark.parametrize("path", ["/webhooks/", "/webhooks/00000000-0000-0000-0000-000000000000/"])
def test_nobody_is_sent_to_sign_in(path):
    assert Client().get(path).headers["Location"].startswith("/accounts/sign-in/")
