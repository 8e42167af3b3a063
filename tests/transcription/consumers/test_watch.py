"""Following a live recording, through a real web process."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import connection
from redis import Redis
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect as open_socket

from tests.factories import add_finals
from tests.transcription.consumers.conftest import Watch, Watcher
from tests.web import Web
from transcription.enums import RecordingState
from transcription.models import Live, Recording
from transcription.services import events

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]


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


# How much it costs ----------------------------------------------------------------------------------------------------


def test_many_watchers_ask_the_database_as_often_as_few(watch, live, token):
    few = _queries_of(watch, live, token, 2)
    many = _queries_of(watch, live, token, 40)
    # Each of forty watchers asking for each of ten hints would be four hundred; a busy machine takes longer, and the
    # reads that time alone makes come on top.
    assert many <= few + 100


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
