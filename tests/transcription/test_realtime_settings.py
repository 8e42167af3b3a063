"""What a realtime session can be set to, and how it is shown."""

from __future__ import annotations

import json
import math

import pytest
from openai.types.realtime import RealtimeTranscriptionSessionCreateResponse

from transcription.realtime_settings import (
    InvalidEvent,
    Offer,
    ServerVad,
    Transcription,
    default_settings,
    update_settings,
)

OFFER = Offer(("base", "whisper-1"), frozenset({"en", "de"}))
PLAIN = default_settings(OFFER)


def updated(**sound):
    return update_settings(PLAIN, {"type": "transcription", "audio": {"input": sound}}, OFFER)


def test_session_is_shown_with_its_defaults():
    session = PLAIN.as_session("sess_1")
    assert session == {
        "type": "transcription",
        "object": "realtime.transcription_session",
        "id": "sess_1",
        "audio": {
            "input": {
                "format": {"type": "audio/pcm", "rate": 24000},
                "noise_reduction": None,
                "transcription": {"model": "base", "language": None, "prompt": ""},
                "turn_detection": {
                    "type": "server_vad",
                    "threshold": 0.5,
                    "prefix_padding_ms": 300,
                    "silence_duration_ms": 500,
                },
            }
        },
        "include": None,
    }
    RealtimeTranscriptionSessionCreateResponse.model_validate(session)


def test_what_is_shown_can_be_sent_back():
    settings = updated(
        format={"type": "audio/pcma"},
        noise_reduction={"type": "near_field"},
        transcription={"model": "whisper-1", "language": "de-AT", "prompt": "Sätze\0\ud800", "keywords": ["Wien"]},
        turn_detection=None,
    )
    assert settings.transcription == Transcription("whisper-1", "de", "Sätze", ("Wien",))
    assert (settings.encoding, settings.rate, settings.vad) == ("alaw", 8000, None)
    again = update_settings(PLAIN, json.loads(json.dumps(settings.as_session("sess_1"))), OFFER)
    assert again == settings


def test_an_update_leaves_what_it_does_not_name():
    first = updated(turn_detection={"type": "server_vad", "threshold": 0.3}, format={"type": "audio/pcmu"})
    second = update_settings(first, {"audio": {"input": {"transcription": {"language": "en"}}}}, OFFER)
    assert (second.vad, second.format) == (ServerVad(0.3), "audio/pcmu")
    assert second.transcription == Transcription("base", "en")


def test_vad_becomes_endpointing():
    found = ServerVad(0.4, 200, 700).endpointing()
    assert (found.onset, found.hangover, found.short_hangover, found.pre_roll) == (0.4, 0.7, 0.7, 0.2)
    assert found.offset == pytest.approx(0.25)
    assert ServerVad(0.0).endpointing().offset == 0.01
    assert ServerVad().endpointing().onset == 0.5


@pytest.mark.parametrize(
    ("sound", "param"),
    [
        ({"format": "pcm16"}, "format"),
        ({"format": {"type": "audio/opus"}}, "format.type"),
        ({"format": {"type": ["audio/pcm"]}}, "format.type"),
        ({"format": {"type": "audio/pcm", "rate": 16000}}, "format.rate"),
        ({"format": {"type": "audio/pcm", "rate": True}}, "format.rate"),
        ({"noise_reduction": {"type": "loud"}}, "noise_reduction.type"),
        ({"transcription": []}, "transcription"),
        ({"transcription": {"model": "gpt-5"}}, "transcription.model"),
        ({"transcription": {"model": {"a": 1}}}, "transcription.model"),
        ({"transcription": {"language": "tlh"}}, "transcription.language"),
        ({"transcription": {"language": 3}}, "transcription.language"),
        ({"transcription": {"prompt": 3}}, "transcription.prompt"),
        ({"transcription": {"prompt": "x" * 2001}}, "transcription.prompt"),
        ({"transcription": {"keywords": "Wien"}}, "transcription.keywords"),
        ({"turn_detection": {"type": "semantic_vad"}}, "turn_detection.type"),
        ({"turn_detection": {"type": "server_vad", "threshold": 1.1}}, "turn_detection.threshold"),
        ({"turn_detection": {"type": "server_vad", "threshold": math.nan}}, "turn_detection.threshold"),
        ({"turn_detection": {"type": "server_vad", "threshold": "0.5"}}, "turn_detection.threshold"),
        ({"turn_detection": {"type": "server_vad", "prefix_padding_ms": -1}}, "turn_detection.prefix_padding_ms"),
        (
            {"turn_detection": {"type": "server_vad", "silence_duration_ms": 10**400}},
            "turn_detection.silence_duration_ms",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_name(sound, param):
    with pytest.raises(InvalidEvent) as refusal:
        updated(**sound)
    assert refusal.value.param == f"session.audio.input.{param}"


@pytest.mark.parametrize(
    ("session", "param"),
    [
        (None, "session"),
        ([], "session"),
        ({"type": "realtime"}, "session.type"),
        ({"include": ["everything"]}, "session.include"),
        ({"include": "x"}, "session.include"),
        ({"audio": "x"}, "session.audio"),
        ({"audio": {"input": "x"}}, "session.audio.input"),
    ],
)
def test_sessions_of_other_shapes_are_refused_by_name(session, param):
    with pytest.raises(InvalidEvent) as refusal:
        update_settings(PLAIN, session, OFFER)
    assert refusal.value.param == param
