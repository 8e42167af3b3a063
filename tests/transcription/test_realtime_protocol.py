"""Events of the realtime API as OpenAI's own types read them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openai.types.realtime import RealtimeServerEvent
from pydantic import TypeAdapter

from transcription import realtime_protocol as protocol
from transcription.realtime_protocol import Append, InvalidEvent, Plain, Update
from transcription.realtime_settings import Offer, default_settings
from transcription.speech.types import Word

KNOWN: TypeAdapter[Any] = TypeAdapter(RealtimeServerEvent)
SESSION = default_settings(Offer(("base",), frozenset())).as_session("sess_1")


def parsed(text: str) -> protocol.ClientEvent:
    return protocol.parse(protocol.read_json(text))


def test_events_of_a_client():
    assert parsed('{"type": "session.update", "session": {"a": 1}}') == Update({"a": 1})
    assert parsed('{"type": "input_audio_buffer.append", "audio": "AAEC"}') == Append(b"\0\1\2")
    assert parsed('{"type": "input_audio_buffer.commit"}') == Plain("commit")
    assert parsed('{"type": "input_audio_buffer.clear"}') == Plain("clear")


@pytest.mark.parametrize(
    ("text", "code", "param"),
    [
        ("", "invalid_json", None),
        ("[" * 100_000, "invalid_json", None),
        ("9" * 5000, "invalid_json", None),
        ("[]", "invalid_type", None),
        ("{}", "missing_required_parameter", "type"),
        ('{"type": "response.create"}', "invalid_value", "type"),
        ('{"type": ["session.update"]}', "invalid_value", "type"),
        ('{"type": "input_audio_buffer.append"}', "invalid_type", "audio"),
        ('{"type": "input_audio_buffer.append", "audio": "a"}', "invalid_value", "audio"),
        ('{"type": "input_audio_buffer.append", "audio": "AA\\u0000="}', "invalid_value", "audio"),
        ('{"type": "input_audio_buffer.append", "audio": "é"}', "invalid_value", "audio"),
    ],
)
def test_what_is_no_event_is_refused(text, code, param):
    with pytest.raises(InvalidEvent) as refusal:
        parsed(text)
    assert (refusal.value.code, refusal.value.param) == (code, param)


def test_only_ids_that_are_text_come_back():
    assert protocol.client_id({"event_id": "mine"}) == "mine"
    assert protocol.client_id({"event_id": 5}) is None
    assert protocol.client_id({"event_id": "\ud800"}) == "?"
    assert protocol.client_id({"event_id": "x" * 1000}) == "x" * 512


@pytest.mark.parametrize(
    "event",
    [
        protocol.session_created(SESSION),
        protocol.session_updated(SESSION),
        protocol.cleared(),
        protocol.speech_started(item_id="item_1", at=0.5),
        protocol.speech_stopped(item_id="item_1", at=1.25),
        *protocol.committed(item_id="item_2", previous_item_id="item_1"),
        protocol.delta(item_id="item_1", text="Ask"),
        protocol.completed(item_id="item_1", transcript="Ask not", seconds=1.5),
        protocol.completed(item_id="item_1", transcript="Ask", seconds=1.5, words=[Word(0, 1, " Ask", 0.5)]),
        protocol.failed(item_id="item_1"),
        protocol.error(kind="invalid_request_error", code="invalid_value", message="No.", param="type", event_id="e"),
    ],
    ids=lambda event: event["type"],
)
def test_events_are_read_by_the_official_types(event):
    read = KNOWN.validate_python(json.loads(json.dumps(event)))
    assert read.type == event["type"]
    dumped = read.model_dump(mode="json", exclude_unset=True)
    dumped.pop("session", None)
    assert dumped == {name: value for name, value in event.items() if name != "session"}


def test_times_are_milliseconds_and_usage_is_seconds():
    assert protocol.speech_started(item_id="i", at=0.5)["audio_start_ms"] == 500
    assert protocol.speech_stopped(item_id="i", at=1.2504)["audio_end_ms"] == 1250
    done = protocol.completed(item_id="i", transcript="", seconds=1.23456)
    assert done["usage"] == {"type": "duration", "seconds": 1.235}
