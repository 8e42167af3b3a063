"""One recogniser for many live speakers: who is read next, in threads of its own.

Speakers are asked when a thread is free, not before: so each window is as new as can be, and whoever waits longer gets
a newer one instead of a second one. What somebody waits for to stay (final) comes before what may still change
(partial); within each, whoever was served longest ago comes first.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Protocol

from transcription.speech import live_work
from transcription.speech.engines.base import Engine
from transcription.speech.live_work import Outcome, Urgency, Work
from transcription.speech.meter import Meter

log = logging.getLogger(__name__)

ASK_SECONDS = 0.25
"""Speakers are asked at least so often, should nobody say that there is something new."""
SHARE_OF_ASKING = 20
"""After asking in vain, a thread rests so many times as long as that took: 200 speakers who send ten blocks a second
each cannot make it ask all the time."""
LONGEST_PAUSE = 0.05
FIRST_REST, LONGEST_REST = 0.25, 8.0
"""A speaker whose window or whose own code failed is left alone for so long, twice as long each time in a row."""
CLOSE_SECONDS = 2.0


class Source(Protocol):
    """A live speaker. Its methods are called from the scheduler's threads; it guards its own state. At most one work is
    out at a time; ``complete`` or ``fail`` gives it back, unless the speaker was removed meanwhile. A ``complete`` that
    raises is followed by ``fail``."""

    def urgency(self) -> Urgency: ...

    def begin(self) -> Work | None: ...

    def complete(self, work: Work, outcome: Outcome) -> None: ...

    def fail(self, work: Work, error: Exception) -> None: ...


Perform = Callable[[Sequence[Work], Engine], Sequence[Outcome]]


@dataclass(slots=True, eq=False)
class _Place:
    """What the scheduler knows of a speaker. Changed under the scheduler's lock."""

    source: Source
    served: int = 0
    """Grows with each service: the lowest is due first. 0 is a newcomer."""
    busy: bool = False
    removed: bool = False
    errors: int = 0
    rests_until: float = 0.0


@dataclass(frozen=True, slots=True)
class _Turn:
    place: _Place
    work: Work


class Scheduler:
    """Serves live speakers with one engine. All methods are safe from any thread and none of them waits for the engine,
    except ``close``. ``now`` of the ``clock`` is only used for rests and for ``load``."""

    def __init__(
        self,
        engine: Engine | None = None,
        *,
        threads: int = 0,
        together: int = 0,
        perform: Perform = live_work.perform,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Without an engine, speakers may come already: ``start`` brings it later. Up to ``together`` quick readings
        of several speakers go to the engine in one call. 0 stands for the engine's ``workers`` and ``batch_size``."""
        self._threads, self._together, self._perform, self._clock = threads, together, perform, clock
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._places: dict[Source, _Place] = {}
        self._turns = count(1)
        self._meter = Meter(clock)
        self._closed = False
        self._running: list[threading.Thread] = []
        if engine is not None:
            self.start(engine)

    def start(self, engine: Engine) -> None:
        """Begin to serve. Call it once."""
        with self._lock:
            if self._closed or self._running:
                return
            self._threads = self._threads or engine.workers
            self._together = self._together or engine.batch_size
            self._running = [
                threading.Thread(target=self._run, args=(engine,), name=f"live engine {number + 1}", daemon=True)
                for number in range(self._threads)
            ]
            for thread in self._running:
                thread.start()

    def add(self, source: Source) -> None:
        with self._lock:
            self._places.setdefault(source, _Place(source))
        self._news.set()

    def remove(self, source: Source) -> None:
        """No call of its methods begins any more; one that has begun may still be under way."""
        with self._lock:
            if place := self._places.pop(source, None):
                place.removed = True

    def wake(self) -> None:
        """Some speaker may have something to read. Cheap, and never waits for work under way."""
        self._news.set()

    def close(self) -> None:
        """End all threads. What the engine is reading now is not waited for longer than ``CLOSE_SECONDS``, and its
        outcome is given to nobody."""
        with self._lock:
            self._closed = True
            for place in self._places.values():
                place.removed = True
            self._places.clear()
        self._news.set()
        until = time.monotonic() + CLOSE_SECONDS
        for thread in self._running:
            if thread is not threading.current_thread():
                thread.join(max(0.0, until - time.monotonic()))

    @property
    def load(self) -> float:
        """Share of the last ten seconds in which the engine was busy, from 0 to 1."""
        return self._meter.share(max(1, self._threads))

    # In the threads -------------------------------------------------------------------------------------------------

    def _run(self, engine: Engine) -> None:
        while not self._closed:
            self._news.clear()
            began = time.monotonic()
            if turns := self._take():
                # A reading with a beam takes long: the quick ones that were begun with it go first.
                quick = [turn for turn in turns if not turn.work.full]
                for together in (quick, *([turn] for turn in turns if turn.work.full)):
                    if together:
                        self._serve(together, engine)
                continue
            asked = time.monotonic() - began
            time.sleep(min(LONGEST_PAUSE, SHARE_OF_ASKING * asked))
            self._news.wait(ASK_SECONDS)
        self._news.set()  # the next thread must see it too

    def _take(self) -> list[_Turn]:
        """Asks whose turn it is and what should be read."""
        waiting = self._waiting()
        most = self._at_once(len(waiting))
        turns: list[_Turn] = []
        for urgency, place in waiting:
            if len(turns) >= most:
                break
            if turn := self._begin(place):
                turns.append(turn)
                if urgency == Urgency.FINAL or turn.work.full:
                    break
        if turns and len(waiting) > len(turns):
            self._news.set()  # another thread may go on with the rest
        return turns

    def _waiting(self) -> list[tuple[Urgency, _Place]]:
        """The most urgent first, then whoever was served longest ago."""
        now = self._clock()
        with self._lock:
            places = [place for place in self._places.values() if not place.busy and place.rests_until <= now]
        asked = [(self._urgency(place), place) for place in places]
        waiting = [pair for pair in asked if pair[0] != Urgency.IDLE]
        return sorted(waiting, key=lambda pair: (-pair[0], pair[1].served))

    def _at_once(self, waiting: int) -> int:
        """Quick readings in one call: shared among the threads that are free."""
        return min(self._together, -(-waiting // max(1, self._threads - self._meter.working)))

    def _urgency(self, place: _Place) -> Urgency:
        try:
            return Urgency.IDLE if place.removed else place.source.urgency()
        except Exception as error:
            self._failed(place, error, "urgency")
            return Urgency.IDLE

    def _begin(self, place: _Place) -> _Turn | None:
        with self._lock:
            if place.busy or place.removed:
                return None
            place.busy, place.served = True, next(self._turns)
        try:
            work = place.source.begin()
        except Exception as error:
            self._failed(place, error, "begin")
            work = None
        if work is None:
            with self._lock:
                place.busy = False
            return None
        return _Turn(place, work)

    def _serve(self, turns: Sequence[_Turn], engine: Engine) -> None:
        """Reads what was begun and hands it back; what fails together is tried one by one."""
        try:
            with self._meter:
                outcomes = list(self._perform([turn.work for turn in turns], engine))
            if len(outcomes) != len(turns):
                raise RuntimeError(f"{len(turns)} windows gave {len(outcomes)} outcomes")
        except Exception as error:
            if len(turns) > 1:
                log.warning("reading %d windows together failed: %r", len(turns), error)
                for turn in turns:
                    self._serve([turn], engine)
            else:
                self._give_up(turns[0], error)
            return
        for turn, outcome in zip(turns, outcomes, strict=True):
            self._give_back(turn, outcome)

    def _give_back(self, turn: _Turn, outcome: Outcome) -> None:
        place = turn.place
        try:
            if not place.removed:
                place.source.complete(turn.work, outcome)
        except Exception as error:
            self._failed(place, error, "complete")
            self._tell_failure(turn, error)
        else:
            with self._lock:
                place.errors = 0
        self._free(place)

    def _give_up(self, turn: _Turn, error: Exception) -> None:
        self._failed(turn.place, error, "the engine")
        self._tell_failure(turn, error)
        self._free(turn.place)

    def _tell_failure(self, turn: _Turn, error: Exception) -> None:
        try:
            if not turn.place.removed:
                turn.place.source.fail(turn.work, error)
        except Exception as another:
            self._failed(turn.place, another, "fail")

    def _free(self, place: _Place) -> None:
        with self._lock:
            place.busy = False
        self._news.set()

    def _failed(self, place: _Place, error: Exception, where: str) -> None:
        """One speaker's trouble: it is left alone for a while, and nobody else notices."""
        with self._lock:
            place.errors += 1
            place.rests_until = self._clock() + min(LONGEST_REST, FIRST_REST * 2 ** min(place.errors - 1, 10))
        log.error("a live speaker failed in %s (%d in a row)", where, place.errors, exc_info=error)
