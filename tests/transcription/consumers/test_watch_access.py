"""Who may follow a live recording, and what becomes of the others."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator

from accounts.services import keys
from accounts.services.tokens import new_token
from config.asgi import application
from tests.factories import add_finals, make_recording, make_transcript, make_user, share
from tests.transcription.consumers.conftest import refused
from transcription.consumers import watch as watch_consumer
from transcription.models import Grant, ShareLink
from transcription.services import links, partials, recordings

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


def test_withdrawn_link_closes_its_sockets_and_no_other(watch, live, owner, token):
    _, kept = links.create_link(recording=live.recording, user=owner)
    by_withdrawn = [watch(f"token={token}") for _ in range(3)]
    by_kept = watch(f"token={kept}")
    for watcher in [*by_withdrawn, by_kept]:
        watcher.next()
    # Written past the service: no hint is given.
    ShareLink.objects.exclude(token_hash=ShareLink.objects.latest("pk").token_hash).update(
        revoked_at="2026-01-01T00:00Z"
    )
    started = time.monotonic()
    assert [refused(watcher) for watcher in by_withdrawn] == [("link_withdrawn", 4403)] * 3
    assert time.monotonic() - started < 10
    add_finals(live, 1)
    assert by_kept.until("final")["segment"]["index"] == 0
    assert refused(watch(f"token={token}")) == ("link_withdrawn", 4403)


def test_withdrawing_gives_a_hint(watch, live, token):
    watcher = watch(f"token={token}")
    watcher.next()
    time.sleep(0.3)
    links.revoke_link(link=live.recording.links.get())
    assert json.loads(watcher.socket.recv(timeout=1.2))["code"] == "link_withdrawn"


def test_link_that_was_just_made_is_good_at_once(watch, live, owner, token):
    """Also when what the process knows of the recording is older than the link."""
    watch(f"token={token}").next()
    for _ in range(5):
        new = watch(f"token={links.create_link(recording=live.recording, user=owner)[1]}")
        assert new.next()["type"] == "ready"
        with pytest.raises(TimeoutError):
            new.next(0.5)


def test_owner_follows_without_a_link(web, watch, live, owner):
    cookie = web.session(owner).cookies["sessionid"]
    own = {"additional_headers": {"Cookie": f"sessionid={cookie}"}}
    assert watch(origin=web.url, **own).next()["type"] == "ready"
    assert refused(watch(origin="https://elsewhere.example.org", **own)) == ("not_signed_in", 4401)


def test_key_that_may_read_follows(watch, live, owner):
    _, reading = keys.create_key(user=owner, name="reads", scopes=["read"])
    _, speaking = keys.create_key(user=owner, name="speaks", scopes=["live"])
    assert watch(additional_headers={"Authorization": f"Bearer {reading}"}).next()["type"] == "ready"
    by_subprotocol = watch(subprotocols=["scripta.live.v1", f"scripta.key.{reading}"])
    assert by_subprotocol.socket.subprotocol == "scripta.live.v1"
    assert by_subprotocol.next()["type"] == "ready"
    assert refused(watch(additional_headers={"Authorization": f"Bearer {speaking}"})) == ("not_allowed", 4403)


def test_strangers_are_refused(web, watch, live):
    stranger = make_user()
    cookie = web.session(stranger).cookies["sessionid"]
    as_stranger = {"origin": web.url, "additional_headers": {"Cookie": f"sessionid={cookie}"}}
    other = make_recording(stranger)
    make_transcript(other)
    _, elsewhere = links.create_link(recording=other, user=stranger)
    assert refused(watch()) == ("not_signed_in", 4401)
    assert refused(watch(**as_stranger)) == ("not_found", 4404)
    assert refused(watch(f"token={new_token()}")) == ("link_unknown", 4404)
    assert refused(watch("token=x%00y")) == ("link_unknown", 4404)
    assert refused(watch(f"token={elsewhere}")) == ("not_found", 4404)
    assert refused(watch(recording=other.pk)) == ("not_signed_in", 4401)


def test_reader_follows_and_link_with_a_password_needs_it(web, watch, live, owner):
    cookie = web.session(share(live.recording)).cookies["sessionid"]
    as_reader = {"origin": web.url, "additional_headers": {"Cookie": f"sessionid={cookie}"}}
    assert watch(**as_reader).next()["type"] == "ready"
    Grant.objects.all().delete()
    assert refused(watch(**as_reader)) == ("not_found", 4404)
    choices = links.LinkChoices(password="correct horse")
    link, token = links.create_link(recording=live.recording, user=owner, choices=choices)
    assert refused(watch(f"token={token}")) == ("link_locked", 4403)
    proof = links.unlock(link=link, password="correct horse", address="127.0.0.1")
    unlocked = {"Cookie": f"{links.proof_name(link=link)}={proof}"}
    assert watch(f"token={token}", additional_headers=unlocked).next()["type"] == "ready"


async def test_another_password_asks_whoever_follows_again(live, owner, monkeypatch):
    monkeypatch.setattr(partials, "_client", None)  # it belongs to an event loop
    create, change = sync_to_async(links.create_link), sync_to_async(links.change_link)
    choices = links.LinkChoices(password="correct horse")
    free, with_free = await create(recording=live.recording, user=owner)
    locked, with_locked = await create(recording=live.recording, user=owner, choices=choices)
    async with following_by(free, with_free) as first, following_by(locked, with_locked, "correct horse") as second:
        await change(link=free, label="Hall")
        await change(link=locked, password="")
        assert [await each.receive_nothing(timeout=0.5) for each in (first, second)] == [True, True]
        for link, follower in ((free, first), (locked, second)):
            await change(link=link, password="battery staple")
            assert json.loads(await follower.receive_from(timeout=5))["code"] == "link_locked"
            assert (await follower.receive_output(timeout=5))["code"] == 4403


@asynccontextmanager
async def following_by(link: ShareLink, token: str, password: str = "") -> AsyncIterator[WebsocketCommunicator]:
    """One who has read what was said so far, in this process."""
    proof = await sync_to_async(links.unlock)(link=link, password=password, address="127.0.0.1") if password else ""
    follower = WebsocketCommunicator(
        application,
        f"/ws/recordings/{link.recording_id}/watch/?token={token}",
        headers=[(b"cookie", f"{links.proof_name(link=link)}={proof}".encode())],
    )
    try:
        assert (await follower.connect())[0]
        assert json.loads(await follower.receive_from(timeout=5))["type"] == "ready"
        yield follower
    finally:
        await follower.disconnect()


async def test_who_follows_is_looked_at_again_and_again(live, monkeypatch):
    """Once a minute, as the product does; here at once."""
    monkeypatch.setattr(watch_consumer, "RECHECK_EVERY", 0.01)
    user = await sync_to_async(share)(live.recording)

    async def is_good() -> bool:
        return True

    consumer = watch_consumer.WatchConsumer()
    consumer._by_link = False
    consumer.scope = {"user": user, "recheck": is_good, "url_route": {"kwargs": {"pk": live.pk}}}
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(consumer._recheck(), 0.5)
    await Grant.objects.all().adelete()
    with pytest.raises(watch_consumer.Refused) as refusal:
        await asyncio.wait_for(consumer._recheck(), 5)
    assert (refusal.value.close, refusal.value.error["code"]) == (4404, "not_found")


def test_recording_that_goes_to_the_trash_is_closed(web, watch, live, owner, token):
    cookie = web.session(owner).cookies["sessionid"]
    by_link, by_session = (
        watch(f"token={token}"),
        watch(origin=web.url, additional_headers={"Cookie": f"sessionid={cookie}"}),
    )
    by_link.next(), by_session.next()
    recordings.move_to_trash(recording=live.recording)
    assert refused(by_link)[1] == 4404
    assert refused(by_session)[1] == 4404


@pytest.mark.parametrize(
    "sent", ["{", "[]", '{"type": "finish"}', '{"type": "configure", "language": "de"}', b"\0" * 16, "[" * 9999]
)
def test_whatever_a_watcher_sends_is_refused(watch, live, token, sent):
    other = watch(f"token={token}")
    other.next()
    watcher = watch(f"token={token}")
    watcher.next()
    watcher.socket.send(sent)
    assert refused(watcher) == ("bad_message", 4400)
    add_finals(live, 1)
    assert other.until("final")["segment"]["index"] == 0


def test_ping_is_answered_but_not_a_flood(watch, token):
    watcher = watch(f"token={token}")
    watcher.next()
    watcher.socket.send('{"type":"ping"}')
    assert watcher.next() == {"type": "pong"}
    for _ in range(40):
        watcher.socket.send('{"type":"ping"}')
    assert watcher.until("error")["code"] == "bad_message"
    assert watcher.closed_with() == 4400


def test_index_that_is_none_is_refused(watch, token):
    assert refused(watch(f"token={token}&after=x")) == ("bad_message", 4400)
