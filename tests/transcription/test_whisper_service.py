"""The engine of live captions: loaded in the background, once, with a bounded number of speakers."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.speech.sounds import blocks, speech
from tests.speech.speakers import Speaker, until
from transcription import whisper_service
from transcription.errors import LiveOff
from transcription.speech import capacity
from transcription.speech.errors import ModelUnavailable
from transcription.speech.events import Event, Partial
from transcription.speech.live import LiveTranscriber
from transcription.speech.live_work import Outcome, Urgency, Work
from transcription.speech.metrics import word_errors
from transcription.speech.types import Checkpoint, TranscribeOptions

KENNEDY = "And so my fellow Americans, ask not what your country can do for you, ask what you can do for your country."


@pytest.fixture
def service(settings, monkeypatch):
    """A service of its own for each test, on the scripted engine."""
    settings.ENGINE, settings.LIVE, settings.LIVE_MODEL = "scripted", True, "base"
    settings.LIVE_SPEAKERS, settings.LIVE_THREADS = 0, 2
    made = whisper_service.LiveService()
    monkeypatch.setattr(whisper_service, "_live", made)
    yield made
    made.close()


def ready() -> bool:
    return whisper_service.live_state().name == "ready"


def test_speakers_added_before_the_model_is_there_are_read(service):
    speaker = Speaker("early", 2)
    whisper_service.get_scheduler().add(speaker)
    until(lambda: speaker.read == 2)
    assert speaker.texts == ["w0 w1", "w2 w3"]
    assert (whisper_service.live_state().name, whisper_service.live_state().reason) == ("ready", "")


def test_warm_up_loads_once_however_many_ask(service, monkeypatch):
    loads = []
    load = whisper_service.load_engine
    monkeypatch.setattr(whisper_service, "load_engine", lambda options: (loads.append(options), load(options))[1])
    askers = [threading.Thread(target=whisper_service.warm_up) for _ in range(20)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    until(ready)
    whisper_service.warm_up()
    assert [(options.model, options.threads, options.workers) for options in loads] == [("base", 2, 2)]


def test_nothing_waits_for_a_model_that_takes_long(service, monkeypatch):
    loaded = threading.Event()
    load = whisper_service.load_engine
    monkeypatch.setattr(whisper_service, "load_engine", lambda options: (loaded.wait(10), load(options))[1])
    began = time.monotonic()
    place = whisper_service.claim_place()
    whisper_service.get_scheduler().wake()
    state = whisper_service.live_state()
    assert time.monotonic() - began < 5
    assert (place is not None, state.name, state.places, state.taken) == (True, "loading", 6, 1)
    loaded.set()
    until(ready)


def test_places_are_as_many_as_the_engine_was_measured_to_serve(service, monkeypatch):
    monkeypatch.setattr(capacity, "reading_seconds", lambda engine, threads: 0.3)
    whisper_service.warm_up()
    until(ready)
    places = [whisper_service.claim_place() for _ in range(5)]
    assert [place is not None for place in places] == [True, True, True, False, False]
    assert places[0] is not None
    places[0].release()
    places[0].release()  # twice gives back one place
    assert [whisper_service.claim_place() is not None for _ in range(2)] == [True, False]


def test_places_may_be_set(service, settings):
    settings.LIVE_SPEAKERS = 2
    assert [whisper_service.claim_place() is not None for _ in range(3)] == [True, True, False]
    assert (whisper_service.live_state().places, whisper_service.live_state().taken) == (2, 2)


def test_places_claimed_from_many_threads_never_exceed_the_limit(service, settings):
    settings.LIVE_SPEAKERS = 7
    most, held, lock = [0], [0], threading.Lock()

    def come_and_go() -> None:
        for _ in range(200):
            if place := whisper_service.claim_place():
                with lock:
                    held[0] += 1
                    most[0] = max(most[0], held[0])
                with lock:
                    held[0] -= 1
                place.release()

    threads = [threading.Thread(target=come_and_go) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] <= 7
    assert whisper_service.live_state().taken == 0


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ModelUnavailable("The model is not here."), "The model is not here."),
        (RuntimeError("x"), whisper_service.FAILED),
    ],
)
def test_a_model_that_cannot_be_loaded_is_told_and_tried_again(service, monkeypatch, error, reason):
    load = whisper_service.load_engine

    def broken(options: object) -> None:
        raise error

    monkeypatch.setattr(whisper_service, "load_engine", broken)
    whisper_service.warm_up()
    until(lambda: whisper_service.live_state().name == "unavailable")
    assert whisper_service.live_state().reason == reason
    assert whisper_service.claim_place() is None
    monkeypatch.setattr(whisper_service, "load_engine", load)
    whisper_service.warm_up()
    assert whisper_service.live_state().name == "unavailable"  # too soon
    monkeypatch.setattr(whisper_service, "RETRY_SECONDS", 0.0)
    assert whisper_service.claim_place() is not None
    until(ready)


def test_switched_off_means_no_model_and_no_place(service, settings, monkeypatch):
    settings.LIVE = False
    monkeypatch.setattr(whisper_service, "load_engine", lambda options: pytest.fail("a model was loaded"))
    whisper_service.warm_up()
    state = whisper_service.live_state()
    assert (state.name, state.reason) == ("unavailable", LiveOff.message)
    assert whisper_service.claim_place() is None


class Talker:
    """A live speaker in full: sound in, events out, under a lock of its own."""

    def __init__(self) -> None:
        self.live = LiveTranscriber(TranscribeOptions(language="en"), languages=whisper_service.live_languages())
        self.events: list[Event] = []
        self.lock = threading.Lock()

    def hear(self, step: Callable[[LiveTranscriber], list[Event]]) -> None:
        with self.lock:
            self.events += step(self.live)

    def urgency(self) -> Urgency:
        with self.lock:
            return self.live.urgency(time.monotonic())

    def begin(self) -> Work | None:
        with self.lock:
            return self.live.begin(time.monotonic())

    def complete(self, work: Work, outcome: Outcome) -> None:
        self.hear(lambda live: live.complete(work, outcome, time.monotonic()))

    def fail(self, work: Work, error: Exception) -> None:
        raise error


@pytest.mark.model
def test_a_real_model_reads_two_speakers_at_once(service, settings):
    settings.ENGINE, settings.LIVE_MODEL = "faster-whisper", "tiny.en"
    settings.MODELS = Path(os.environ.get("SCRIPTA_MODELS") or Path(__file__).parents[2] / "data" / "models")
    scheduler = whisper_service.get_scheduler()
    until(ready, 60)
    assert whisper_service.live_languages() == {"en"}
    talkers = [Talker(), Talker()]
    for talker in talkers:
        scheduler.add(talker)
    for number, block in enumerate(blocks(speech(), 0.5)):
        for talker in talkers:
            talker.hear(lambda live, block=block: live.feed(block, time.monotonic()))
        scheduler.wake()
        if number == 6:  # three seconds: both have begun to speak
            until(lambda: all(isinstance(talker.events[-1], Partial) for talker in talkers), 60)
    for talker in talkers:
        talker.hear(lambda live: live.finish(time.monotonic()))
    scheduler.wake()
    until(lambda: all(talker.live.is_done for talker in talkers), 60)
    for talker in talkers:
        segments = [s for event in talker.events if isinstance(event, Checkpoint) for s in event.segments]
        assert word_errors(KENNEDY, " ".join(segment.text for segment in segments)).errors <= 2
        assert [segment.index for segment in segments] == list(range(len(segments)))
    assert 0 < scheduler.load <= 1


@pytest.mark.parametrize(
    ("present", "language", "expected"),
    [
        ([], "en", "base"),
        (["tiny", "small"], "de", "small"),
        (["tiny", "small.en", "distil-large-v3"], "de", "base"),
        (["tiny", "small.en", "distil-large-v3"], "en", "distil-large-v3"),
        (["medium", "distil-large-v3"], "", "medium"),
        (["large-v2", "large-v3", "large-v3-turbo"], "fr", "large-v3"),
    ],
)
def test_best_model_is_the_largest_for_the_language(settings, tmp_path, present, language, expected):
    settings.MODELS, settings.MODEL = tmp_path, "base"
    for name in present:
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.bin").touch()
    assert whisper_service.best_model(language) == expected
