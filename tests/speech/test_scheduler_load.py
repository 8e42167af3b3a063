"""Many speakers at once, and how busy they keep the engine."""

import threading
import time
from collections.abc import Iterator

import pytest

from tests.speech.speakers import Speaker, until
from transcription.speech.engines.scripted import ScriptedEngine
from transcription.speech.meter import Meter
from transcription.speech.scheduler import Scheduler


@pytest.fixture
def schedulers() -> Iterator[list[Scheduler]]:
    made: list[Scheduler] = []
    yield made
    for scheduler in made:
        scheduler.close()


def test_fifty_speakers_are_all_read_in_order_and_none_is_left_behind(schedulers):
    """Two threads, batches, errors, comings and goings; each speaker's own windows stay in order."""
    speakers = [Speaker(str(number), 20, full=number % 7 == 0, final=number % 5 == 0) for number in range(50)]
    bad = [Speaker("bad", 20) for _ in range(5)]
    for speaker in bad:
        speaker.trouble = {"complete"}
    scheduler = Scheduler(ScriptedEngine(delay=0.001), threads=2, together=4)
    schedulers.append(scheduler)
    stop = threading.Event()

    def come_and_go() -> None:
        while not stop.is_set():
            guest = Speaker("guest", 3)
            scheduler.add(guest)
            time.sleep(0.002)
            scheduler.remove(guest)

    visitors = threading.Thread(target=come_and_go)
    visitors.start()
    for speaker in [*speakers, *bad]:
        scheduler.add(speaker)
    halfway = [speaker for speaker in speakers if not speaker.final]
    until(lambda: sum(speaker.read for speaker in halfway) >= 10 * len(halfway), 60)
    spread = [speaker.read for speaker in halfway]
    until(lambda: all(speaker.read == 20 for speaker in speakers), 60)
    stop.set()
    visitors.join()
    expected = [f"w{2 * second} w{2 * second + 1}" for second in range(20)]
    assert [speaker.texts for speaker in speakers] == [expected] * 50
    assert max(spread) - min(spread) <= 4


def test_two_hundred_quiet_speakers_cost_little(schedulers):
    """A wake for each block of sound, 10 a second each: asking must not become the work."""
    speakers = [Speaker(str(number), 0) for number in range(200)]
    scheduler = Scheduler(ScriptedEngine())
    schedulers.append(scheduler)
    for speaker in speakers:
        scheduler.add(speaker)
    began, used = time.monotonic(), time.process_time()
    while time.monotonic() - began < 1.0:
        scheduler.wake()
        time.sleep(0.0005)
    assert min(speaker.calls["urgency"] for speaker in speakers) > 3
    assert time.process_time() - used < 0.6  # it takes 0.2; without rests, all there is


def test_load_is_the_busy_share_of_the_last_ten_seconds():
    now = [0.0]
    meter = Meter(lambda: now[0])
    now[0] = 5.0
    with meter:
        now[0] = 10.0
        assert meter.share(1) == 0.5
        assert meter.working == 1
    assert meter.share(2) == 0.25
    now[0] = 14.0
    assert meter.share(1) == 0.5
    now[0] = 25.0
    assert meter.share(1) == 0.0
