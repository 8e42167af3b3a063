"""Recordings that are spoken at the pace of speech into a live server, ours or a peer."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from transcription.management.benchmarks.live_client import BYTES, RATE, Heard, websockets
from transcription.management.benchmarks.live_figures import Screens, SpokenWord
from transcription.speech.audio import Limits, decode
from transcription.speech.types import Samples

CHUNK = 0.1
"""Seconds of sound in a message: about what browsers send."""
DRAIN = 60.0
"""Seconds that a server may take to finish after the end of the sound."""


@dataclass(frozen=True, slots=True)
class Stream:
    path: Path
    pcm: bytes
    text: str
    spoken: tuple[SpokenWord, ...]

    @property
    def seconds(self) -> float:
        return len(self.pcm) / BYTES / RATE


class Speaker(Protocol):
    """Who speaks into a server, as far as measuring needs to know."""

    heard: Heard

    async def open(self) -> None: ...

    def say(self, pcm: bytes) -> None: ...

    async def finish(self, within: float = DRAIN) -> bool: ...

    async def vanish(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Talk:
    """One recording as it was spoken and seen. Times are seconds since the first sound."""

    screens: Screens
    ended: float
    finished: bool
    heard: Heard


def read_samples(path: Path) -> Samples:
    with decode(path, limits=Limits()) as blocks:
        return np.concatenate(list(blocks))


def to_pcm(samples: Samples) -> bytes:
    """16-bit samples, as live_bench and browsers make them."""
    return (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()


def read_stream(path: Path) -> Stream:
    """A recording with a JSON file beside it: ``text`` and ``words``, each with ``word`` and ``end`` in seconds."""
    known = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    spoken = tuple(SpokenWord(word["word"], float(word["end"])) for word in known["words"])
    return Stream(path, to_pcm(read_samples(path)), known["text"], spoken)


async def speak(speaker: Speaker, pcm: bytes, *, chunk: float = CHUNK, drain: float = DRAIN) -> Talk:
    """Speak a recording from the beginning: a message is sent once its last sample has been spoken."""
    await speaker.open()
    began = time.monotonic()
    step = int(RATE * chunk) * BYTES
    for offset in range(0, len(pcm), step):
        piece = pcm[offset : offset + step]
        spoken = began + (offset + len(piece)) / BYTES / RATE
        await asyncio.sleep(max(0.0, spoken - time.monotonic()))
        speaker.say(piece)
    ended = time.monotonic() - began
    try:
        finished = await speaker.finish(drain)
    finally:
        await speaker.vanish()
    screens = [(at - began, text) for at, text in speaker.heard.screens]
    return Talk(screens, ended, finished, speaker.heard)


async def speak_together(
    speakers: Sequence[Speaker], pcm: bytes, *, apart: float = 0.37, drain: float = DRAIN
) -> list[Talk]:
    """All speak the same recording, each beginning a little later than the one before."""

    async def late(number: int, speaker: Speaker) -> Talk:
        await asyncio.sleep(apart * number)
        return await speak(speaker, pcm, drain=drain)

    return list(await asyncio.gather(*(late(number, speaker) for number, speaker in enumerate(speakers))))


class WhisperLiveKit:
    """The peer's /asr: 16-bit samples in, all its text as JSON out. Its server runs with ``--pcm-input``."""

    def __init__(self, url: str) -> None:
        """``url`` begins with ws."""
        self.url = f"{url.rstrip('/')}/asr"
        self.heard = Heard()
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        self._socket = await websockets.connect(self.url, max_size=None, ping_timeout=None, proxy=None)
        self._tasks = [asyncio.create_task(self._send()), asyncio.create_task(self._listen())]

    def say(self, pcm: bytes) -> None:
        self._waiting.put_nowait(pcm)

    async def finish(self, within: float = DRAIN) -> bool:
        self.say(b"")
        done, _ = await asyncio.wait(self._tasks[1:], timeout=within)
        return bool(done)

    async def vanish(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, self._socket.close(), return_exceptions=True)

    async def _send(self) -> None:
        while True:
            await self._socket.send(await self._waiting.get())

    async def _listen(self) -> None:
        async for message in self._socket:
            state: dict[str, Any] = json.loads(message)
            if state.get("type") == "ready_to_stop":
                return
            if "lines" in state:
                final = " ".join(line.get("text") or "" for line in state["lines"])
                self.heard.screens.append((time.monotonic(), f"{final} {state.get('buffer_transcription') or ''}"))
