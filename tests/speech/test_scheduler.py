"""Who is read next, and what one speaker's trouble may do to others: nothing."""

import threading
import time
from collections.abc import Iterator, Sequence

import pytest

from tests.speech.speakers import Gate, Speaker, until, work_at
from transcription.speech.engines.base import Engine
from transcription.speech.engines.scripted import ScriptedEngine
from transcription.speech.live_work import Outcome, Work, perform
from transcription.speech.scheduler import FIRST_REST, Scheduler


@pytest.fixture
def schedulers() -> Iterator[list[Scheduler]]:
    made: list[Scheduler] = []
    yield made
    for scheduler in made:
        scheduler.close()


def watch(speakers: Sequence[Speaker]) -> list[str]:
    """Gets the name of each speaker whose turn comes."""
    served: list[str] = []
    for speaker in speakers:
        begin = speaker.begin
        speaker.begin = lambda begin=begin, name=speaker.name: (served.append(name), begin())[1]  # type: ignore[method-assign]
    return served


def order_of(speakers: Sequence[Speaker], schedulers: list[Scheduler], *, total: int) -> list[str]:
    """In which order speakers who all wait at the same time are read, one thread, one at a time."""
    served = watch(speakers)
    scheduler = Scheduler(together=1)
    schedulers.append(scheduler)
    for speaker in speakers:
        scheduler.add(speaker)
    scheduler.start(ScriptedEngine())
    until(lambda: sum(speaker.read for speaker in speakers) == total)
    return served


def test_finals_come_before_partials(schedulers):
    speakers = [Speaker("a", 2), Speaker("b", 2), Speaker("c", 2, final=True)]
    assert order_of(speakers, schedulers, total=6) == ["c", "c", "a", "b", "a", "b"]


def test_speakers_take_turns(schedulers):
    speakers = [Speaker("a", 3), Speaker("b", 3), Speaker("c", 1)]
    assert order_of(speakers, schedulers, total=7) == ["a", "b", "c", "a", "b", "a", "b"]


def test_a_newcomer_is_served_next(schedulers):
    gate = Gate()
    scheduler = Scheduler(ScriptedEngine(), together=1, perform=gate.perform)
    schedulers.append(scheduler)
    one, two, new = Speaker("one", 50), Speaker("two", 50), Speaker("new", 1)
    served = watch([one, two, new])
    scheduler.add(one)
    assert gate.waiting.acquire(timeout=10)
    scheduler.add(two)
    scheduler.add(new)
    gate.opened.set()
    until(lambda: len(served) > 5)
    assert served[:6] == ["one", "two", "new", "one", "two", "one"]


def test_the_newest_window_is_read_and_not_those_that_waited(schedulers):
    gate = Gate()
    scheduler = Scheduler(ScriptedEngine(), perform=gate.perform)
    schedulers.append(scheduler)
    busy, talker = Speaker("busy", 1), Speaker("talker", 0)
    talker.begin = lambda: work_at(float(talker.windows))  # type: ignore[method-assign]
    scheduler.add(busy)
    assert gate.waiting.acquire(timeout=10)
    scheduler.add(talker)
    for second in range(1, 20):  # a window a second, while another is being read
        talker.windows = second
        scheduler.wake()
    gate.opened.set()
    until(lambda: talker.read >= 1)
    assert gate.batches[1] == [19.0]


def test_partials_of_several_go_together_only_when_they_wait(schedulers):
    gate = Gate()
    scheduler = Scheduler(ScriptedEngine(), together=3, perform=gate.perform)
    schedulers.append(scheduler)
    speakers = [Speaker(name) for name in "abcde"]
    scheduler.add(speakers[0])
    assert gate.waiting.acquire(timeout=10)
    for speaker in speakers[1:]:
        scheduler.add(speaker)
    gate.opened.set()
    until(lambda: all(speaker.read == 1 for speaker in speakers))
    assert [len(batch) for batch in gate.batches] == [1, 3, 1]


def test_a_reading_with_a_beam_holds_nobody_up(schedulers):
    gate = Gate()
    scheduler = Scheduler(together=4, perform=gate.perform)
    schedulers.append(scheduler)
    gate.opened.set()
    quick, slow = Speaker("quick"), Speaker("slow", full=True)
    for speaker in (quick, slow):
        scheduler.add(speaker)
    scheduler.start(ScriptedEngine())
    until(lambda: quick.read == slow.read == 1)
    assert [len(batch) for batch in gate.batches] == [1, 1]


def test_the_lock_is_free_while_the_engine_works(schedulers):
    gate = Gate()
    scheduler = Scheduler(ScriptedEngine(), perform=gate.perform)
    schedulers.append(scheduler)
    speaker = Speaker("a")
    scheduler.add(speaker)
    assert gate.waiting.acquire(timeout=10)
    began = time.monotonic()
    scheduler.add(Speaker("b", 0))
    scheduler.wake()
    scheduler.remove(speaker)
    assert scheduler.load <= 1
    assert time.monotonic() - began < 5
    gate.opened.set()


@pytest.mark.parametrize("method", ["urgency", "begin", "complete", "fail"])
def test_a_speaker_that_raises_harms_nobody(schedulers, method):
    bad, good = Speaker("bad", 3), Speaker("good", 20)
    bad.trouble = {method, "complete"} if method == "fail" else {method}
    scheduler = Scheduler(ScriptedEngine(), together=2)
    schedulers.append(scheduler)
    scheduler.add(bad)
    scheduler.add(good)
    until(lambda: good.read == 20 and bad.calls[method] >= 1)
    assert good.texts == [f"w{2 * second} w{2 * second + 1}" for second in range(20)]
    assert bad.read == 0
    if method == "complete":
        until(lambda: bad.calls["fail"] >= 1)


def test_a_speaker_that_raises_is_tried_again_ever_more_slowly(schedulers):
    now = [100.0]
    bad = Speaker("bad")
    bad.trouble = {"begin"}
    scheduler = Scheduler(ScriptedEngine(), clock=lambda: now[0])
    schedulers.append(scheduler)
    scheduler.add(bad)
    for tries, rest in enumerate((FIRST_REST, 2 * FIRST_REST, 4 * FIRST_REST), start=1):
        until(lambda tries=tries: bad.calls["begin"] == tries)
        now[0] += rest - 0.01
        scheduler.wake()
        time.sleep(0.3)
        assert bad.calls["begin"] == tries
        now[0] += 0.02
    bad.trouble = set()
    until(lambda: bad.read == 1)
    assert bad.texts == ["w0 w1"]


def test_an_engine_error_in_a_batch_hits_only_the_window_that_causes_it(schedulers):
    def perform_but_one(works: Sequence[Work], engine: Engine) -> list[Outcome]:
        if any(work.window.start >= 100 for work in works):
            raise RuntimeError("this window breaks the engine")
        return perform(works, engine)

    speakers = [Speaker(name) for name in "abc"]
    speakers[1].begin = lambda: work_at(100.0)  # type: ignore[method-assign]
    scheduler = Scheduler(together=3, perform=perform_but_one)
    schedulers.append(scheduler)
    for speaker in speakers:
        scheduler.add(speaker)
    scheduler.start(ScriptedEngine())
    until(lambda: bool(speakers[1].errors))
    until(lambda: speakers[0].read == speakers[2].read == 1)
    assert str(speakers[1].errors[0]) == "this window breaks the engine"
    assert speakers[1].texts == []


def test_an_engine_that_loses_an_outcome_has_failed(schedulers):
    speaker = Speaker("a")
    scheduler = Scheduler(ScriptedEngine(), perform=lambda works, engine: [])
    schedulers.append(scheduler)
    scheduler.add(speaker)
    until(lambda: bool(speaker.errors))
    assert speaker.texts == []


def test_a_removed_speaker_is_never_called_again(schedulers):
    gate = Gate()
    scheduler = Scheduler(ScriptedEngine(), perform=gate.perform)
    schedulers.append(scheduler)
    gone, after = Speaker("gone", 5), Speaker("after")
    scheduler.add(gone)
    assert gate.waiting.acquire(timeout=10)
    scheduler.remove(gone)
    calls = gone.calls.copy()
    scheduler.add(after)
    gate.opened.set()
    until(lambda: after.read == 1)
    assert gone.calls == calls


def test_speakers_may_come_before_the_engine(schedulers):
    speaker, scheduler = Speaker("early"), Scheduler()
    schedulers.append(scheduler)
    scheduler.add(speaker)
    scheduler.wake()
    assert speaker.calls == {}
    scheduler.start(ScriptedEngine())
    until(lambda: speaker.texts == ["w0 w1"])


def test_close_ends_the_threads_and_gives_back_nothing():
    gate = Gate()
    scheduler = Scheduler(ScriptedEngine(), threads=3, perform=gate.perform)
    speakers = [Speaker(name, 100) for name in "abc"]
    for speaker in speakers:
        scheduler.add(speaker)
    for _ in speakers:
        assert gate.waiting.acquire(timeout=10)
    threads = list(scheduler._running)
    threading.Timer(0.2, gate.opened.set).start()
    scheduler.close()
    assert [thread.is_alive() for thread in threads] == [False] * 3
    assert [speaker.calls["complete"] for speaker in speakers] == [0] * 3
    scheduler.add(Speaker("late"))
    scheduler.close()  # twice does no harm


def test_close_does_not_wait_for_an_engine_that_hangs(monkeypatch):
    monkeypatch.setattr("transcription.speech.scheduler.CLOSE_SECONDS", 0.2)
    gate = Gate()
    scheduler = Scheduler(ScriptedEngine(), perform=gate.perform)
    scheduler.add(Speaker("a"))
    assert gate.waiting.acquire(timeout=10)
    began = time.monotonic()
    scheduler.close()
    assert time.monotonic() - began < 3
    gate.opened.set()
