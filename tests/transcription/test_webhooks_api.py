"""Webhooks over REST: who may do what, what is refused, and pages of the log."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import Scope
from accounts.services import keys
from tests.factories import make_user
from tests.receiver import Receiver, is_signed
from transcription.models import Webhook, WebhookDelivery
from transcription.services import deliveries, signing, webhooks

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/webhooks/"
GOOD = {"url": "http://127.0.0.1:8080/hook", "events": ["transcript.completed", "live.started"]}


@pytest.fixture(autouse=True)
def _local_receivers(settings: Any) -> None:
    settings.WEBHOOKS_ALLOW_PRIVATE = ["127.0.0.1"]


def by_key(user: Any, *scopes: str) -> Client:
    _, key = keys.create_key(user=user, name="program", scopes=scopes)
    return Client(headers={"authorization": f"Bearer {key}"})


@pytest.fixture
def client(owner) -> Client:
    return by_key(owner, Scope.READ, Scope.WRITE)


@pytest.fixture
def webhook(owner) -> Webhook:
    return webhooks.create_webhook(owner=owner, **GOOD)


def ask(client: Client, method: str, path: str = "", body: Any = None) -> Any:
    more = {} if body is None else {"data": body, "content_type": "application/json"}
    return getattr(client, method)(ROOT + path, **more)


def test_webhook_from_its_making_to_its_end(client, owner):
    with Receiver() as receiver:
        made = ask(client, "post", body={"url": receiver.url, "events": ["live.started"]})
        assert made.status_code == 201
        found = Webhook.objects.get()
        expected = {"id": str(found.pk), "url": receiver.url, "events": ["live.started"], "is_active": True}
        expected |= {"state": "active", "disabled_reason": "", "disabled_at": None, "failing_since": None}
        assert made.json() == expected | {
            "secret": signing.secret_of(webhook=found),
            "created_at": made.json()["created_at"],
        }
        assert ask(client, "get").json() == [made.json()]
        assert ask(client, "get", f"{found.pk}/").json() == made.json()
        sent = ask(client, "post", f"{found.pk}/test/")
        assert (sent.status_code, sent.json()["event"], sent.json()["state"]) == (201, "ping", "pending")
        deliveries.send_due(webhook_id=found.pk)
        assert is_signed(receiver.received[0], made.json()["secret"])
        again = ask(client, "post", f"{found.pk}/deliveries/{sent.json()['id']}/redeliver/")
        assert (again.status_code, again.json()["redelivery_of"]) == (201, sent.json()["id"])
        early = ask(client, "post", f"{found.pk}/deliveries/{again.json()['id']}/redeliver/")
        assert (early.status_code, early.json()["code"]) == (409, "wrong_state")
    log = ask(client, "get", f"{found.pk}/deliveries/").json()
    assert [row["id"] for row in log["results"]] == [again.json()["id"], sent.json()["id"]]
    rotated = ask(client, "post", f"{found.pk}/rotate/")
    assert rotated.json()["secret"] not in {made.json()["secret"], ""}
    assert ask(client, "delete", f"{found.pk}/").status_code == 204
    assert (Webhook.objects.count(), WebhookDelivery.objects.count()) == (0, 0)


def test_change_and_switch(client, webhook):
    changed = ask(client, "patch", f"{webhook.pk}/", {"events": ["live.finished"], "is_active": False})
    assert (changed.status_code, changed.json()["events"], changed.json()["state"]) == (200, ["live.finished"], "off")
    assert ask(client, "post", f"{webhook.pk}/test/").json()["code"] == "wrong_state"
    Webhook.objects.update(disabled_reason="gone", failing_since=changed.json()["created_at"])
    assert ask(client, "get", f"{webhook.pk}/").json()["state"] == "disabled"
    assert ask(client, "patch", f"{webhook.pk}/", {"is_active": True}).json()["state"] == "active"
    assert ask(client, "patch", f"{webhook.pk}/", {}).status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid"),
        ([], "invalid"),
        ({"url": GOOD["url"]}, "invalid"),
        (GOOD | {"url": 5}, "invalid"),
        (GOOD | {"url": None}, "invalid"),
        (GOOD | {"url": "http://127.0.0.1:8080/\0"}, "invalid"),
        (GOOD | {"url": "x" * 2001}, "invalid"),
        (GOOD | {"url": "http://\ud800/"}, "invalid"),
        (GOOD | {"url": "ftp://example.org/"}, "address_invalid"),
        (GOOD | {"url": "http://10.0.0.1/"}, "address_refused"),
        (GOOD | {"url": "http://[::ffff:10.0.0.1]/"}, "address_refused"),
        (GOOD | {"events": []}, "invalid"),
        (GOOD | {"events": "live.started"}, "invalid"),
        (GOOD | {"events": ["everything"]}, "invalid"),
        (GOOD | {"events": [{}]}, "invalid"),
    ],
)
def test_webhook_that_is_not_acceptable(client, body, code):
    answer = ask(client, "post", body=body)
    assert (answer.status_code, answer.json()["code"], Webhook.objects.count()) == (400, code, 0)


def test_name_that_leads_nowhere_may_be_kept(client):
    assert ask(client, "post", body=GOOD | {"url": "https://not-yet.invalid/"}).status_code == 201


def test_only_so_many_webhooks(client, owner, monkeypatch):
    monkeypatch.setattr(webhooks, "MOST", 1)
    assert ask(client, "post", body=GOOD).status_code == 201
    answer = ask(client, "post", body=GOOD)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_webhooks")


OPERATIONS = [
    ("get", "", Scope.READ, 200),
    ("get", "{pk}/", Scope.READ, 200),
    ("get", "{pk}/deliveries/", Scope.READ, 200),
    ("post", "", Scope.WRITE, 400),
    ("patch", "{pk}/", Scope.WRITE, 200),
    ("post", "{pk}/test/", Scope.WRITE, 201),
    ("post", "{pk}/rotate/", Scope.WRITE, 200),
    ("post", "{pk}/deliveries/{delivery}/redeliver/", Scope.WRITE, 201),
    ("delete", "{pk}/", Scope.WRITE, 204),
]


@pytest.mark.parametrize(("method", "path", "scope", "outcome"), OPERATIONS)
def test_who_may_do_what(owner, webhook, method, path, scope, outcome):
    delivery = deliveries.ping(webhook=webhook)
    WebhookDelivery.objects.update(state="failed")
    path = path.format(pk=webhook.pk, delivery=delivery.pk)
    body = {} if method in {"post", "patch"} else None
    other = next(each for each in (Scope.READ, Scope.WRITE) if each != scope)
    assert ask(Client(), method, path, body).status_code == 401
    assert ask(by_key(owner, other, Scope.LIVE), method, path, body).json()["code"] == "missing_scope"
    stranger = ask(by_key(make_user(), Scope.READ, Scope.WRITE), method, path, body)
    assert (stranger.status_code, webhook.url in stranger.content.decode()) == (404 if path else outcome, False)
    assert ask(by_key(owner, scope), method, path, body).status_code == outcome


@pytest.mark.parametrize("path", ["799c5e67-087d-4cc9-8b6e-93d059cc752e/", "nothing/"])
def test_nothing_there(client, path):
    assert ask(client, "get", path).status_code == 404


def test_delivery_that_is_not_there(client, owner, webhook):
    other = webhooks.create_webhook(owner=owner, **GOOD)
    elsewhere = deliveries.ping(webhook=other)
    for number in (0, elsewhere.pk, 10**30):
        assert ask(client, "post", f"{webhook.pk}/deliveries/{number}/redeliver/").status_code == 404


def test_log_goes_on_from_page_to_page(client, webhook):
    made = [deliveries.ping(webhook=webhook).pk for _ in range(5)]
    address, seen = f"{webhook.pk}/deliveries/?limit=2", []
    while address:
        answer = ask(client, "get", address).json()
        seen += [row["id"] for row in answer["results"]]
        address = (answer["next"] or "").partition(ROOT)[2]
    assert seen == made[::-1]
    assert ask(client, "get", f"{webhook.pk}/deliveries/?cursor=%00nonsense").status_code == 400
