"""Realtime transcription through a real web process with the scripted engine, and by real sockets."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import soxr
from django.test import Client
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from accounts.models import KeyUsage, Scope
from accounts.services import keys
from tests.factories import make_live
from tests.speech.sounds import speech
from tests.web import Web
from transcription.realtime_settings import Offer, default_settings

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]

RATE = 24_000
SAID = (np.clip(soxr.resample(speech(), 16_000, RATE), -1, 1) * 32767).astype("<i2").tobytes()
SILENCE = bytes(2 * RATE)
COMPLETED = "conversation.item.input_audio_transcription.completed"
SPEAKERS = 2
MANUAL = {"audio": {"input": {"turn_detection": None}}}


class Program:
    """A client of the realtime API, without the SDK."""

    def __init__(self, port: int, key: str = "", *, query: str = "intent=transcription", **options: Any) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        address = f"ws://127.0.0.1:{port}/v1/realtime?{query}"
        opened = connect(address, additional_headers=headers, max_size=2**24, max_queue=None, **options)
        self.socket = opened.__enter__()  # whoever made it closes it
        self.heard: list[dict[str, Any]] = []

    def next(self, timeout: float = 30) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.socket.recv(timeout=timeout))
        self.heard.append(event)
        return event

    def until(self, kind: str, timeout: float = 30) -> dict[str, Any]:
        deadline = time.monotonic() + timeout
        while True:
            event = self.next(max(0.01, deadline - time.monotonic()))
            if event["type"] == kind:
                return event

    def tell(self, kind: str, **fields: Any) -> None:
        self.socket.send(json.dumps({"type": kind, **fields}))

    def set(self, session: dict[str, Any]) -> dict[str, Any]:
        self.tell("session.update", session={"type": "transcription", **session})
        return self.until("session.updated")["session"]

    def say(self, data: bytes, *, size: int = 9600) -> None:
        for begin in range(0, len(data), size):
            audio = base64.b64encode(data[begin : begin + size]).decode()
            self.tell("input_audio_buffer.append", audio=audio)

    def commit(self) -> None:
        self.tell("input_audio_buffer.commit")

    def refusal(self) -> tuple[str, str | None, str | None]:
        error = self.until("error")["error"]
        return error["code"], error["param"], error["event_id"]

    def closed_with(self, timeout: float = 20) -> int:
        try:
            self.until("never", timeout)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006
        raise AssertionError


@pytest.fixture(scope="module")
def web(django_db_setup, tmp_path_factory) -> Iterator[Web]:
    path = tmp_path_factory.mktemp("realtime") / "log"
    with Web(path, SCRIPTA_ENGINE="scripted", SCRIPTA_LIVE_SPEAKERS=str(SPEAKERS)) as running:
        yield running
    assert "Traceback" not in path.read_text(), path.read_text()


@pytest.fixture
def begin(web, key) -> Iterator[Callable[..., Program]]:
    opened = []

    def start(key: str = key, **options: Any) -> Program:
        opened.append(Program(web.port, key, **options))
        return opened[-1]

    yield start
    for program in opened:
        program.socket.close()


def begin_when_there_is_room(begin: Callable[..., Program]) -> Program:
    """Whoever has just left may have a place still."""
    deadline = time.monotonic() + 10
    while (program := begin()).next()["type"] != "session.created":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return program


def texts(program: Program) -> dict[str, str]:
    return {event["item_id"]: event["transcript"] for event in program.heard if event["type"] == COMPLETED}


def deltas(program: Program) -> dict[str, str]:
    found: dict[str, str] = {}
    for event in program.heard:
        if event["type"].endswith(".delta"):
            found[event["item_id"]] = found.get(event["item_id"], "") + event["delta"]
    return found


def test_utterances_are_found_and_transcribed(begin, owner):
    program = begin()
    created = program.next()
    assert (created["type"], created["session"]["type"]) == ("session.created", "transcription")
    program.say(SAID + SILENCE)
    program.commit()  # nothing is open after the silence: it is refused when all before it was heard
    assert program.refusal()[0] == "input_audio_buffer_commit_empty"
    spoken = [event for event in program.heard if event["type"].endswith("speech_started")]
    while len(items := [event for event in program.heard if event["type"] == COMPLETED]) < len(spoken):
        program.next()
    assert len(items) > 1
    assert texts(program) == deltas(program)
    assert all(text.startswith("w") for text in texts(program).values())
    kinds = [event["type"] for event in program.heard if event.get("item_id") == items[0]["item_id"]]
    assert [kind for kind in kinds if not kind.endswith(".delta")] == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        COMPLETED,
    ]
    committed = [event for event in program.heard if event["type"] == "input_audio_buffer.committed"]
    ids = [event["item_id"] for event in committed]
    assert [event["previous_item_id"] for event in committed] == [None, *ids[:-1]]
    noted = sum(event["usage"]["seconds"] for event in items)
    deadline = time.monotonic() + 5
    while (used := KeyUsage.objects.get(key__user=owner)).audio_seconds < noted - 0.01 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (used.requests, used.audio_seconds) == (1, pytest.approx(noted, abs=0.01))


def test_a_longer_silence_joins_what_a_short_one_parts(begin):
    counts = []
    for silence in (200, 3000):
        program = begin()
        vad = {"type": "server_vad", "threshold": 0.4, "prefix_padding_ms": 100, "silence_duration_ms": silence}
        shown = program.set({"audio": {"input": {"turn_detection": vad}}})
        assert shown["audio"]["input"]["turn_detection"] == vad
        program.say(SAID + 4 * SILENCE)
        program.commit()  # answered when all before it was heard
        program.until("error")
        heard = [event for event in program.heard if event["type"].endswith("speech_started")]
        counts.append(len(heard))
        program.socket.close()
    assert counts[0] > counts[1] == 1


def test_one_item_for_each_commit(begin):
    program = begin()
    assert program.set(MANUAL)["audio"]["input"]["turn_detection"] is None
    program.say(SAID[: 4 * RATE])
    program.commit()
    program.say(SAID[4 * RATE :] + SILENCE)
    program.commit()
    first, second = program.until(COMPLETED), program.until(COMPLETED)
    assert (first["usage"]["seconds"], second["usage"]["seconds"]) == (2.0, 10.0)
    assert texts(program) == deltas(program)
    words = f"{first['transcript']} {second['transcript']}".split()
    numbers = [int(word[1:]) for word in words]
    assert numbers == sorted(set(numbers))
    assert len(numbers) > 10
    kinds = {event["type"] for event in program.heard}
    assert not {kind for kind in kinds if "speech" in kind}


def test_an_empty_commit_is_refused_and_the_session_goes_on(begin):
    program = begin()
    program.set(MANUAL)
    program.tell("input_audio_buffer.commit", event_id="mine")
    assert program.refusal() == ("input_audio_buffer_commit_empty", None, "mine")
    program.say(SAID[: int(2 * RATE * 0.09) // 2 * 2])
    program.commit()
    assert program.refusal()[0] == "input_audio_buffer_commit_empty"
    program.say(SAID[: 2 * RATE])
    program.commit()
    assert program.until(COMPLETED)["usage"]["seconds"] == pytest.approx(1.09)
    program.say(SAID[: 2 * RATE])
    program.tell("input_audio_buffer.clear")
    assert program.until("input_audio_buffer.cleared")
    program.commit()
    assert program.refusal()[0] == "input_audio_buffer_commit_empty"


def test_what_is_cleared_is_not_transcribed(begin):
    program = begin()
    program.next()
    program.say(SAID[: 2 * 2 * RATE])
    program.until("input_audio_buffer.speech_started")
    program.tell("input_audio_buffer.clear")
    program.until("input_audio_buffer.cleared")
    program.say(SILENCE + SAID[8 * 2 * RATE :] + SILENCE)
    program.until(COMPLETED)
    words = " ".join(texts(program).values()).split()
    assert words
    assert all(int(word[1:]) >= 5 for word in words)


@pytest.mark.parametrize("form", ["audio/pcmu", "audio/pcma"])
def test_sound_of_telephones(begin, form):
    """All 256 values of both laws are loud in places; what a sine becomes is checked where they are expanded."""
    program = begin()
    program.set({"audio": {"input": {"turn_detection": None, "format": {"type": form}}}})
    program.say(bytes([0x2A, 0xAA] * 8000))
    program.commit()
    assert program.until(COMPLETED)["usage"]["seconds"] == 2.0


def test_a_change_of_settings_holds_from_there_on(begin):
    program = begin()
    program.say(SAID[: 2 * 2 * RATE])
    program.set(MANUAL | {"include": ["item.input_audio_transcription.logprobs"]})
    # What was said before is read beside: a quick reader is done before the change is confirmed.
    spoken = next((event for event in program.heard if event["type"] == COMPLETED), None) or program.until(COMPLETED)
    assert "logprobs" not in spoken
    program.say(SAID[2 * 2 * RATE : 4 * 2 * RATE])
    program.commit()
    spoken = program.until(COMPLETED)
    assert "".join(each["token"] for each in spoken["logprobs"]).strip() == spoken["transcript"]
    program.set({"audio": {"input": {"turn_detection": {"type": "server_vad"}}}})
    program.say(SAID[: 4 * 2 * RATE] + SILENCE)
    assert program.until("input_audio_buffer.speech_started")["audio_start_ms"] >= 4000
    assert program.until(COMPLETED)


@pytest.mark.parametrize(
    ("bad", "code", "param"),
    [
        ("not json", "invalid_json", None),
        (b"binary", "invalid_event", None),
        ('{"type": "response.create", "event_id": "e"}', "invalid_value", "type"),
        ('{"type": "input_audio_buffer.append", "audio": "%%%", "event_id": "e"}', "invalid_value", "audio"),
        (
            '{"type": "session.update", "session": {"type": "realtime"}, "event_id": "e"}',
            "invalid_value",
            "session.type",
        ),
        ('{"type": "input_audio_buffer.append", "audio": "AAA=", "event_id": "\\ud800\\u0000"}', None, None),
    ],
)
def test_what_is_wrong_is_said_and_the_session_goes_on(begin, bad, code, param):
    program = begin()
    program.next()
    program.socket.send(bad)
    if code:
        named = "e" if '"e"' in str(bad) else None
        assert program.refusal() == (code, param, named)
    program.say(SAID + SILENCE)
    assert program.until(COMPLETED)["transcript"]


def test_large_events_pass_and_too_large_ones_end_the_connection(begin):
    program = begin()
    program.set(MANUAL)
    program.say(bytes(700_000), size=700_000)
    program.commit()
    assert program.until(COMPLETED)["usage"]["seconds"] == pytest.approx(14.583, abs=0.001)
    with suppress(ConnectionClosed):  # it may hang up before all is said
        program.say(bytes(900_000), size=900_000)
    assert program.closed_with() in {1009, 1006}


def test_refusals_have_words_and_a_code(web, begin, owner):
    live_only = keys.create_key(user=owner, name="reader", scopes=[Scope.READ])[1]
    for options, code, close in [
        ({"key": ""}, "invalid_api_key", 4401),
        ({"key": "scr_wrong"}, "invalid_api_key", 4401),
        ({"key": live_only}, "missing_scope", 4403),
        ({"query": "intent=conversation"}, "invalid_value", 4400),
    ]:
        program = begin(**options)
        assert program.next()["error"]["code"] == code
        assert program.closed_with() == close


def test_two_sessions_and_no_third_until_one_hangs_up(begin):
    first, second = begin(), begin()
    assert [program.next()["type"] for program in (first, second)] == ["session.created"] * 2
    third = begin()
    assert third.next()["error"]["code"] == "server_full"
    assert third.closed_with() == 1013
    first.say(SAID[: 2 * 2 * RATE])
    first.until("input_audio_buffer.speech_started")
    first.socket.close()  # in the midst of an utterance
    another = begin_when_there_is_room(begin)
    for program in (second, another):
        program.say(SAID + SILENCE)
        assert program.until(COMPLETED)["transcript"]


def test_sound_faster_than_it_is_read_waits_and_is_not_lost(begin):
    """Two minutes at once, by one who reads nothing meanwhile."""
    program = begin_when_there_is_room(begin)
    program.set(MANUAL)
    program.say(SAID * 11, size=48_000)
    program.commit()
    spoken = program.until(COMPLETED, timeout=60)
    numbers = [int(word[1:]) for word in spoken["transcript"].split()]
    assert numbers == sorted(set(numbers))
    assert (numbers[0] < 3, numbers[-1] > 230) == (True, True)


def test_browser_with_a_clients_secret(web, begin, owner, key):
    row = keys.authenticate(key=key)
    session = default_settings(Offer(("base",), frozenset())).as_session("sess_1")
    session["audio"]["input"]["transcription"] |= {"model": "whisper-1", "language": "de"}
    secret = keys.create_client_secret(parent=row, session=session, lasts=timedelta(minutes=1))[1]
    offered = ["realtime", f"openai-insecure-api-key.{secret}", "openai-beta.realtime-v1"]
    program = begin("", subprotocols=offered)
    assert program.socket.subprotocol == "realtime"
    assert program.next()["session"]["audio"]["input"]["transcription"]["language"] == "de"
    address = f"ws://127.0.0.1:{web.port}/ws/live/{make_live(owner).pk}/"
    with connect(address, additional_headers={"Authorization": f"Bearer {secret}"}) as live:
        assert json.loads(live.recv())["code"] == "not_allowed"
    assert Client().get("/api/v1/live/", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
