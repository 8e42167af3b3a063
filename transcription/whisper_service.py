"""Between the settings and the speech core: which models are offered, and the engines that this process holds.

The web process holds one engine for all live speakers (``LiveService``), loaded in the background; a worker holds those
of its jobs.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import structlog
from django.conf import settings
from django.utils.translation import gettext_noop

from transcription.errors import LiveOff
from transcription.speech import capacity
from transcription.speech.engines.base import Engine, EngineOptions
from transcription.speech.engines.catalogue import CATALOGUE
from transcription.speech.engines.prompts import count_tokens
from transcription.speech.engines.registry import load_engine
from transcription.speech.errors import SpeechError
from transcription.speech.scheduler import Scheduler

log = structlog.get_logger(__name__)

MAX_ENGINES = 2
"""Models held in memory at once; the one not used for longest goes first. base takes 0.2 GB, large-v3 2 GB (int8)."""

LIVE_CALLS = 2
"""Live readings side by side, each on all threads: a lone speaker is read as quickly as by one, and several get more.
See ``FasterWhisperEngine`` for figures."""
RETRY_SECONDS = 30.0
"""After a failure to load the live model, the next who asks starts another attempt, but not sooner than this."""
SPEAKERS_A_THREAD = 3
"""Taken for granted until the engine has been measured: speakers who come back after a restart must not be refused."""
FAILED = gettext_noop("Live captions are not available: the speech model could not be loaded.")

_engines: OrderedDict[tuple[str, str], Engine] = OrderedDict()
_lock = threading.Lock()


def offered_models() -> list[str]:
    """The default first, then every known model whose folder is on this machine. Reads names only."""
    present = [name for name in CATALOGUE if (settings.MODELS / name / "model.bin").is_file()]
    return list(dict.fromkeys([settings.MODEL, *present]))


def best_model(language: str) -> str:
    """The largest that is offered for a language, "" for one that must be detected."""
    fitting = [name for name in offered_models() if language == "en" or not _is_english_only(name)]
    return max(fitting or [settings.MODEL], key=_size)


def _is_english_only(model: str) -> bool:
    return model.endswith(".en") or model.startswith("distil-")


def _size(model: str) -> int:
    """Bytes, as the catalogue knows them or the folder has them."""
    if model in CATALOGUE:
        return CATALOGUE[model].size
    file = Path(model) / "model.bin"
    return file.stat().st_size if file.is_file() else 0


def model_title(model: str) -> str:
    """What people are shown: a folder's own name, not the path of the server."""
    return model if model in CATALOGUE else Path(model).name


def prompt_tokens(text: str, *, model: str) -> int:
    """How much of a prompt this takes; exact where the model is on this machine."""
    folder = settings.MODELS / model if model in CATALOGUE else Path(model)
    tokenizer = folder / "tokenizer.json"
    return count_tokens(text, tokenizer if tokenizer.is_file() else None)


def engine_options(*, engine: str, model: str) -> EngineOptions:
    return EngineOptions(
        name=engine,
        model=model,
        models_dir=settings.MODELS,
        device=settings.DEVICE,
        compute_type=settings.COMPUTE_TYPE,
        threads=settings.THREADS,
    )


def get_engine(*, engine: str, model: str) -> Engine:
    """The engine with its model in memory: loaded once a process, fetched first when it is not on this machine.

    Raises the ``ModelError``s of the speech core.
    """
    key = (engine, model)
    with _lock:
        if key not in _engines:
            while len(_engines) >= MAX_ENGINES:
                _engines.popitem(last=False)
            _engines[key] = load_engine(engine_options(engine=engine, model=model))
        _engines.move_to_end(key)
        return _engines[key]


@dataclass(frozen=True, slots=True)
class LiveState:
    """Of live captions in this process. ``reason`` is for users: why there are none, "" when there are."""

    name: Literal["ready", "loading", "unavailable"]
    reason: str
    places: int
    taken: int
    load: float
    """Share of the last ten seconds in which the engine was busy, 0 to 1."""

    @property
    def percent(self) -> int:
        return round(self.load * 100)


class Place:
    """A speaker's right to be read. ``release`` gives it back; more than once does no harm."""

    def __init__(self, service: LiveService) -> None:
        self._service = service

    def release(self) -> None:
        self._service.give_back(self)

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *details: object) -> None:
        self.release()


class LiveService:
    """The engine of live speakers with its scheduler and its places. Safe from any thread; nothing here waits for the
    model, so it may be called from an event loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._name: Literal["", "ready", "loading", "unavailable"] = ""
        self._reason = ""
        self._failed_at = 0.0
        self._measured = 0
        self._languages: frozenset[str] = frozenset()
        self._places: set[Place] = set()
        self.scheduler = Scheduler()

    def warm_up(self) -> None:
        """Load the model in a thread of its own, unless it is there, on its way, or has failed just now."""
        with self._lock:
            again = self._name == "unavailable" and time.monotonic() - self._failed_at >= RETRY_SECONDS
            if not settings.LIVE or not (self._name == "" or again):
                return
            self._name, self._reason = "loading", ""
        threading.Thread(target=self._load, name="live model", daemon=True).start()

    def claim(self) -> Place | None:
        self.warm_up()
        with self._lock:
            if not settings.LIVE or self._name == "unavailable" or len(self._places) >= self._capacity():
                return None
            place = Place(self)
            self._places.add(place)
            return place

    def give_back(self, place: Place) -> None:
        with self._lock:
            self._places.discard(place)

    def state(self) -> LiveState:
        with self._lock:
            name, reason = self._name or "loading", self._reason
            if not settings.LIVE:
                name, reason = "unavailable", str(LiveOff.message)
            return LiveState(name, reason, self._capacity(), len(self._places), self.scheduler.load)

    def languages(self) -> frozenset[str]:
        return self._languages or frozenset(code for code, _ in settings.RECORDING_LANGUAGES)

    def close(self) -> None:
        self.scheduler.close()

    def _capacity(self) -> int:
        return int(settings.LIVE_SPEAKERS or self._measured or SPEAKERS_A_THREAD * _live_threads())

    def _load(self) -> None:
        began = time.monotonic()
        try:
            engine = load_engine(_live_options())
            measured = 0 if settings.LIVE_SPEAKERS else capacity.measure(engine, threads=_live_threads())
        except Exception as error:
            reason = error.message if isinstance(error, SpeechError) else FAILED
            log.exception("live model failed", model=settings.LIVE_MODEL)
            with self._lock:
                self._name, self._reason, self._failed_at = "unavailable", reason, time.monotonic()
            return
        with self._lock:
            self._name, self._measured, self._languages = "ready", measured, engine.languages
        self.scheduler.start(engine)
        seconds = round(time.monotonic() - began, 1)
        log.info("live model ready", model=settings.LIVE_MODEL, speakers=self._capacity(), seconds=seconds)


_live = LiveService()


def _live_threads() -> int:
    return int(settings.LIVE_THREADS or len(os.sched_getaffinity(0)))


def _live_options() -> EngineOptions:
    options = engine_options(engine=settings.ENGINE, model=settings.LIVE_MODEL)
    return replace(options, threads=settings.LIVE_THREADS, workers=LIVE_CALLS)


def warm_up() -> None:
    """Start to load the live model in the background. Returns at once; does nothing when live is switched off."""
    _live.warm_up()


def get_scheduler() -> Scheduler:
    """That of this process, at once: speakers may be added while the model is still being loaded."""
    _live.warm_up()
    return _live.scheduler


def claim_place() -> Place | None:
    """A place among this process's speakers; None when all are taken, or there are no captions (``live_state``)."""
    return _live.claim()


def live_state() -> LiveState:
    """How live captions do in this process. Never waits."""
    return _live.state()


def live_languages() -> frozenset[str]:
    """What the live model understands; before it is loaded, all that a model may understand."""
    return _live.languages()


def stop_live() -> None:
    """End the threads of live captions, at the end of the process."""
    _live.close()
