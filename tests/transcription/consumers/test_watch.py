"""Following a live recording, through a real web process."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import connection
from redis import Redis
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as open_socket

from accounts.services import keys
from accounts.services.tokens import new_token
from tests.factories import add_finals, make_live, make_recording, make_transcript, make_user
from tests.web import Web
from transcription.enums import RecordingState
from transcription.models import Live, Recording, ShareLink
from transcription.services import events, links, recordings

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]
Watch = Callable[..., "Watcher"]


class Watcher:
    """One who follows; ``said`` are the finals that came, by index."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.said: dict[int, str] = {}

    def next(self, timeout: float = 10) -> dict[str, Any]:
        message = json.loads(self.socket.recv(timeout=timeout))
        segments = message["segments"] if message["type"] == "ready" else [message.get("segment")]
        for segment in filter(None, segments):
            assert segment["index"] not in self.said
            self.said[segment["index"]] = segment["text"]
        return message

    def until(self, kind: str, timeout: float = 10) -> dict[str, Any]:
        deadline = time.monotonic() + timeout
        while True:
            message = self.next(max(0.01, deadline - time.monotonic()))
            if message["type"] == kind:
                return message

    def closed_with(self, timeout: float = 10) -> int:
        """Reads to the end; the close code."""
        with pytest.raises(ConnectionClosed) as closed:
            self.until("never", timeout)
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code


@pytest.fixture(scope="module")
def web(django_db_setup, tmp_path_factory) -> Iterator[Web]:
    path = tmp_path_factory.mktemp("web") / "log"
    with Web(path) as running:
        yield running
    log = path.read_text()
    assert "Traceback" not in log, log


@pytest.fixture
def live(owner) -> Live:
    return make_live(owner)


@pytest.fixture
def token(live, owner) -> str:
    return links.create_link(recording=live.recording, user=owner)[1]


@pytest.fixture
def watch(web, live) -> Iterator[Watch]:
    """Opens sockets to the live recording, or another; headers and subprotocols as wanted."""
    with ExitStack() as opened:

        def start(query: str = "", *, recording: object = live.pk, **options: Any) -> Watcher:
            address = f"ws://127.0.0.1:{web.port}/ws/recordings/{recording}/watch/?{query}"
            return Watcher(opened.enter_context(open_socket(address, max_size=2**20, **options)))

        yield start


def hint(live: Live) -> None:
    name = events.live_group(live_id=live.pk)
    async_to_sync(get_channel_layer().group_send)(name, {"type": "live.hint"})


def write_partial(live: Live, revision: int, **fields: Any) -> None:
    partial = {"revision": revision, "index": 0, "start": 0.0, "stable": "", "unstable": ""} | fields
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.set(f"scripta:live:{live.pk.hex}:partial", json.dumps(partial), ex=60)


def end(live: Live) -> None:
    Recording.objects.filter(pk=live.pk).update(state=RecordingState.CLOSING)


# What is shown --------------------------------------------------------------------------------------------------------


def test_late_joiner_is_told_all_that_was_said(watch, live, token):
    rows = add_finals(live, 3)
    write_partial(live, 7, index=3, start=12.0, stable=" And", unstable=" now")
    watcher = watch(f"token={token}")
    ready = watcher.next()
    assert ready["type"] == "ready"
    assert (ready["received"], ready["captions"]) == (0, "live")
    first = ready["segments"][0]
    assert first["words"][1] == {"start": 0.6, "end": 1.2, "text": " word0.1", "probability": 0.9}
    assert (first["index"], first["start"], first["end"], first["language"]) == (0, 0.0, 3.0, "en")
    assert [segment["text"] for segment in ready["segments"]] == [row.text for row in rows]
    assert watcher.next() == {"type": "partial", "index": 3, "start": 12.0, "stable": " And", "unstable": " now"}


def test_only_what_comes_after_an_index_is_told(watch, live, token):
    add_finals(live, 3)
    assert [segment["index"] for segment in watch(f"token={token}&after=1").next()["segments"]] == [2]
    assert watch(f"token={token}&after=2").next()["segments"] == []
    assert watch(f"token={token}&after=999999999999999999999").next()["segments"] == []


def test_long_talk_comes_whole_and_in_order(watch, live, token):
    add_finals(live, 1300, words=12)
    watcher = watch(f"token={token}")
    end(live)
    watcher.until("finished", 30)
    assert list(watcher.said) == list(range(1300))


def test_words_come_as_they_are_spoken_to_everybody(watch, live, token):
    watchers = [watch(f"token={token}") for _ in range(3)]
    for watcher in watchers:
        assert watcher.next()["segments"] == []
    write_partial(live, 1, stable="", unstable=" Hello")
    hint(live)
    for watcher in watchers:
        assert watcher.next(1.5) == {"type": "partial", "index": 0, "start": 0.0, "stable": "", "unstable": " Hello"}
    write_partial(live, 2, stable=" Hello", unstable=" all")
    hint(live)
    for watcher in watchers:
        assert (watcher.next(1.5)["stable"], len(watcher.said)) == (" Hello", 0)
    add_finals(live, 1, text="Hello all")
    hint(live)
    for watcher in watchers:
        final = watcher.next(1.5)
        assert (final["type"], final["segment"]["text"]) == ("final", "Hello all")


def test_lost_hint_delays_and_loses_nothing(watch, live, token):
    watcher = watch(f"token={token}")
    watcher.next()
    add_finals(live, 2)
    assert watcher.until("final", 4)["segment"]["index"] == 0
    assert watcher.until("final", 4)["segment"]["index"] == 1


def test_partial_of_what_is_final_is_not_shown_again(watch, live, token):
    add_finals(live, 1)
    write_partial(live, 3, index=0, stable=" word0.0", unstable="")
    watcher = watch(f"token={token}")
    watcher.next()
    with pytest.raises(TimeoutError):
        watcher.next(2.5)


def test_end_is_told_after_the_last_words(watch, live, token):
    watcher = watch(f"token={token}")
    watcher.next()
    add_finals(live, 2)
    end(live)
    finished = watcher.until("finished", 5)
    assert finished == {"type": "finished", "recording": str(live.pk), "transcript": live.transcript_id}
    assert list(watcher.said) == [0, 1]
    assert watcher.closed_with() == 1000


@pytest.mark.parametrize("state", [RecordingState.CLOSING, RecordingState.READY])
def test_recording_that_has_ended_is_told_and_finished(watch, live, token, state):
    add_finals(live, 2)
    Recording.objects.filter(pk=live.pk).update(state=state)
    watcher = watch(f"token={token}")
    assert len(watcher.next()["segments"]) == 2
    assert watcher.next()["type"] == "finished"
    assert watcher.closed_with() == 1000


def test_captions_that_come_later_are_announced(watch, live, token):
    Live.objects.filter(pk=live.pk).update(captions="later", received=16_000)
    ready = watch(f"token={token}").next()
    assert (ready["captions"], ready["received"]) == ("later", 16_000)


def test_watcher_that_comes_back_goes_on_where_it_was(web, watch, live, token):
    add_finals(live, 2)
    watcher = watch(f"token={token}")
    watcher.next()
    web.kill()
    with pytest.raises(ConnectionClosed):
        watcher.next()
    add_finals(live, 2)
    web.start()
    assert [segment["index"] for segment in watch(f"token={token}&after=1").next()["segments"]] == [2, 3]


# Who may --------------------------------------------------------------------------------------------------------------


def refused(watcher: Watcher) -> tuple[str, int]:
    error = watcher.next()
    assert error["type"] == "error"
    assert error["message"]
    return error["code"], watcher.closed_with()


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


# How much it costs ----------------------------------------------------------------------------------------------------


def test_many_watchers_ask_the_database_as_often_as_few(watch, live, token):
    few = _queries_of(watch, live, token, 2)
    many = _queries_of(watch, live, token, 40)
    assert many <= few + 10  # each of forty watchers asking for each of ten hints would be four hundred


def _queries_of(watch: Watch, live: Live, token: str, count: int) -> int:
    """Transactions on the database while ten finals reach ``count`` watchers."""
    after = live.transcript.segments.count() - 1
    watchers = [watch(f"token={token}&after={after}") for _ in range(count)]
    for watcher in watchers:
        watcher.next()
    before = _transactions()
    for _ in range(10):
        add_finals(live, 1)
        hint(live)
        time.sleep(0.15)
    for watcher in watchers:
        while len(watcher.said) < 10:
            watcher.next()
    done = _transactions() - before
    for watcher in watchers:
        watcher.socket.close()
    return done


def _transactions() -> int:
    time.sleep(5)  # Postgres counts what a connection did when the connection is used the next time
    with connection.cursor() as cursor:
        cursor.execute("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def test_room_for_watchers_is_limited(tmp_path, live, token):
    with Web(tmp_path / "small", SCRIPTA_LIVE_WATCHERS="2") as web, ExitStack() as opened:
        address = f"ws://127.0.0.1:{web.port}/ws/recordings/{live.pk}/watch/?token={token}"
        first, second, third = (Watcher(opened.enter_context(open_socket(address))) for _ in range(3))
        told = sorted(watcher.next().get("code", "welcome") for watcher in (first, second, third))
        assert told == ["full", "welcome", "welcome"]
        first.socket.close(), second.socket.close()
        time.sleep(0.5)
        assert Watcher(opened.enter_context(open_socket(address))).next()["type"] == "ready"
