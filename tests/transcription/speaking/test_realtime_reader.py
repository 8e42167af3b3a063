"""A reader of a realtime session, where the test is the scheduler."""

from __future__ import annotations

import numpy as np
import pytest

from tests.speech.sounds import speech
from transcription import whisper_service
from transcription.realtime_protocol import InvalidEvent
from transcription.realtime_settings import Settings, Transcription
from transcription.speaking.realtime_reader import RealtimeReader
from transcription.speech.engines.scripted import ScriptedEngine
from transcription.speech.live import perform
from transcription.speech.scheduler import Scheduler

RATE = 8_000
LOUD = (np.clip(speech()[::2], -1, 1) * 32767).astype("<i2")
MANUAL = Settings(Transcription("base"), format="audio/pcmu", vad=None)


@pytest.fixture
def reader(monkeypatch):
    monkeypatch.setattr(whisper_service, "get_scheduler", Scheduler)  # without an engine it asks nobody
    told: list[dict] = []
    made = RealtimeReader("sess_1", MANUAL, told.extend)
    made.told = told
    return made


def mulaw(seconds: float) -> bytes:
    """Speech, roughly: the logarithm of each sample."""
    samples = LOUD[: int(seconds * RATE)].astype(int)
    size = np.minimum(np.abs(samples), 32635) + 132
    exponent = np.floor(np.log2(size)).astype(int) - 7
    mantissa = (size >> (exponent + 3)) & 15
    return (~(np.where(samples < 0, 128, 0) | exponent << 4 | mantissa) & 255).astype(np.uint8).tobytes()


def read_all(reader: RealtimeReader) -> int:
    count = 0
    while work := reader.begin():
        reader.complete(work, perform([work], ScriptedEngine())[0])
        count += 1
    return count


def completed(reader) -> list[str]:
    return [event["transcript"] for event in reader.told if event["type"].endswith("completed")]


def test_commits_are_read_in_order_one_window_at_a_time(reader):
    for _ in range(2):
        reader.hear(mulaw(3))
        reader.commit()
    assert reader.waiting == 2
    first = reader.begin()
    assert first is not None
    assert (reader.begin(), reader.urgency()) == (None, 0)
    reader.complete(first, perform([first], ScriptedEngine())[0])
    read_all(reader)
    one, other = completed(reader)
    assert int(one.split()[-1][1:]) < int(other.split()[0][1:])
    assert (reader.waiting, reader.behind) == (0, 0.0)


def test_what_is_cleared_while_it_is_read_is_not_told(reader):
    reader.hear(mulaw(3))
    work = reader.begin()
    assert work is not None
    reader.clear()
    reader.complete(work, perform([work], ScriptedEngine())[0])
    with pytest.raises(InvalidEvent):
        reader.commit()
    reader.hear(mulaw(3))
    reader.commit()
    assert read_all(reader) > 0
    assert [word for word in completed(reader)[0].split() if int(word[1:]) < 6] == []


def test_an_engine_that_fails_fails_one_item(reader):
    reader.hear(mulaw(2))
    reader.commit()
    while work := reader.begin():
        reader.fail(work, RuntimeError())
    reader.hear(mulaw(2))
    reader.commit()
    read_all(reader)
    kinds = [event["type"].rpartition(".")[2] for event in reader.told if "transcription" in event["type"]]
    assert [kind for kind in kinds if kind != "delta"] == ["failed", "completed"]


def test_settings_without_new_meaning_leave_an_open_item_alone(reader):
    reader.hear(mulaw(1))
    reader.change(Settings(Transcription("base", language="en"), format="audio/pcmu", vad=None))
    assert reader.uncommitted == 1.0
    reader.change(Settings(Transcription("base"), format="audio/pcma", vad=None))  # what came is read as it was
    assert reader.uncommitted == 0.0
    assert [event["type"] for event in reader.told][0] == "input_audio_buffer.committed"


def test_after_its_end_nothing_is_told(reader):
    reader.hear(mulaw(2))
    work = reader.begin()
    reader.close()
    reader.complete(work, perform([work], ScriptedEngine())[0])
    assert (reader.told, reader.begin()) == ([], None)
