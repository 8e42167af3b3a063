"""Many live recordings at once on one web process: each is acknowledged, nothing is lost, nobody waits for another."""

from __future__ import annotations

import asyncio
import os
import random
import threading
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from itertools import pairwise
from typing import Any
from uuid import UUID

import numpy as np
import psutil
from django.conf import settings

from accounts.services import keys
from transcription.management.benchmarks.installation import Installation
from transcription.management.benchmarks.live_client import BYTES, RATE, LiveClient, require_websockets
from transcription.management.benchmarks.live_figures import percentile
from transcription.management.benchmarks.live_pings import ping_during
from transcription.management.benchmarks.live_streams import read_samples, speak, to_pcm
from transcription.management.benchmarks.memory import resident_bytes
from transcription.management.benchmarks.scratch import owner, run_in_scratch_folder
from transcription.models import Live, TranscriptSegment
from transcription.speech.types import Samples

HELP = "Hold many live connections on one web process, and measure acks, lag, memory and processor time."
MOST_LAG = 0.050
"""Seconds, 99th percentile, once all are connected."""
MOST_ACK_GAP = 1.5
"""Seconds: the protocol says once a second, the rest is the way there."""
MOST_GROWTH = 1.15
"""Memory at the end to memory after a third of the time."""
ROOM = 1e-3
"""Root mean square of the sound while nobody speaks: -60 dBFS."""
LOOK_SECONDS = 1.0
CLIENT_NICENESS = 10
APART = 0.15
"""Seconds between two speakers who arrive: 200 do so within half a minute."""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--sockets", type=int, default=200, help="at once (default 200)")
    parser.add_argument("--seconds", type=float, default=120.0, help="that each is open (default 120)")
    parser.add_argument("--speech", type=float, default=4.0, help="seconds of speech a minute (default 4)")
    parser.add_argument("--quiet", type=float, default=10.0, help="seconds before anybody speaks (default 10)")
    parser.add_argument("--chunk", type=float, default=0.25, help="seconds of sound a message (default 0.25)")


def run(*, say: Any, **options: Any) -> int:
    """Exit status 1 when a message is lost, an ack late, the event loop slow or memory grows."""
    require_websockets()
    return run_in_scratch_folder(lambda: _measure(say, **options))


def _measure(say: Any, *, sockets: int, seconds: float, speech: float, quiet: float, chunk: float, **_: Any) -> int:
    room = str(sockets + 10)  # those who ping need some, too
    environment = {"SCRIPTA_ENGINE": "scripted", "SCRIPTA_LIVE_SPEAKERS": room, "SCRIPTA_LIVE_UNFINISHED": room}
    with Installation(environment=environment) as scripta:
        key = keys.create_key(user=owner(), name="Measuring")[1]
        web = scripta.process_named("web")
        before = ping_during(scripta.url, key, lambda: time.sleep(quiet))
        say(f"nobody speaks: {_pings(before)}")
        clients = [LiveClient(scripta.url, key, language="en", seed=number) for number in range(sockets)]
        sounds = [to_pcm(idle_sound(seconds, speech, random.Random(number))) for number in range(sockets)]
        watch = Watch(web)
        speaking = threading.Thread(target=lambda: watch.during(lambda: _speak(clients, sounds, chunk)))
        speaking.start()
        arriving = ping_during(scripta.url, key, lambda: time.sleep(APART * sockets))
        say(f"while they arrive, in {APART * sockets:.0f} s: {_pings(arriving)}")
        lags = ping_during(scripta.url, key, speaking.join)
        problems = [problem for client in clients for problem in _lost(client)]
    return _table(say, clients, watch, lags, problems, seconds)


def idle_sound(seconds: float, speech: float, draw: random.Random) -> Samples:
    """A quiet room, in which somebody says something now and then: ``speech`` seconds a minute, at once."""
    noise = np.random.default_rng(draw.randrange(2**32)).normal(0, ROOM, int(seconds * RATE)).astype(np.float32)
    words = _speech()[: int(speech * RATE)]
    place = int(draw.uniform(0, 60) * RATE)
    while len(words) and place + len(words) <= len(noise):
        noise[place : place + len(words)] += words
        place += 60 * RATE
    return noise


def _speech() -> Samples:
    return read_samples(settings.BASE_DIR / "tests" / "data" / "jfk.flac")


def _speak(clients: Sequence[LiveClient], sounds: Sequence[bytes], chunk: float) -> None:
    """Those who speak are elsewhere in life: here they give way to the server whose processors they share."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), CLIENT_NICENESS)
    asyncio.run(_all(clients, sounds, chunk))


async def _all(clients: Sequence[LiveClient], sounds: Sequence[bytes], chunk: float) -> None:
    async def perform(number: int) -> None:
        await asyncio.sleep(APART * number)
        await speak(clients[number], sounds[number], chunk=chunk, drain=120)

    await asyncio.gather(*(perform(number) for number in range(len(clients))))


def _lost(client: LiveClient) -> list[str]:
    """What the client was promised and is not there. Each final word is a row, each sample durable."""
    problems = [*client.heard.problems, *(f"error {error['code']}" for error in client.heard.errors)]
    if client.acked != client.said:
        problems.append(f"{client.said - client.acked} samples were not acknowledged")
    if client.heard.connections != 1:
        problems.append(f"{client.heard.connections} connections")
    live = Live.objects.filter(pk=UUID(client.id)).values_list("received", "transcript_id").first()
    received, transcript = live or (0, None)
    if received != client.said:
        problems.append(f"{client.said - received} samples are not in the database")
    rows = TranscriptSegment.objects.filter(transcript=transcript).count()
    if rows != len(client.heard.finals):
        problems.append(f"{rows} rows, {len(client.heard.finals)} finals told")
    return problems


class Watch:
    """Samples the web process in a thread: memory, and processor time from the first look to the last."""

    def __init__(self, web: psutil.Process) -> None:
        self.web = web
        self.sizes: list[int] = []
        self.cpu = 0.0
        self.seconds = 0.0

    def during(self, work: Any) -> None:
        over = threading.Event()
        thread = threading.Thread(target=self._look, args=(over,))
        began, before = time.monotonic(), self._cpu_seconds()
        thread.start()
        try:
            work()
        finally:
            over.set()
            thread.join()
        self.cpu, self.seconds = self._cpu_seconds() - before, time.monotonic() - began

    def _look(self, over: threading.Event) -> None:
        while not over.wait(LOOK_SECONDS):
            self.sizes.append(resident_bytes(self.web))

    def _cpu_seconds(self) -> float:
        times = self.web.cpu_times()
        return float(times.user + times.system)


def _pings(times: Sequence[float]) -> str:
    p50, p99 = (1000 * percentile(times, percent) for percent in (50, 99))
    return f"a ping takes p50 {p50:.1f}, p99 {p99:.1f}, most {1000 * max(times):.0f} ms"


def _table(
    say: Any, clients: list[LiveClient], watch: Watch, lags: list[float], problems: list[str], seconds: float
) -> int:
    gaps = [b[0] - a[0] for client in clients for a, b in pairwise(client.heard.acks)]
    acks, sent = sum(len(client.heard.acks) for client in clients), sum(client.said for client in clients)
    third = watch.sizes[len(watch.sizes) // 3]
    end = max(watch.sizes[-len(watch.sizes) // 10 :])
    lag = percentile(lags, 99)
    say(f"{len(clients)} connections for {seconds:.0f} s, {sent * BYTES / 1e6:.0f} MB, {acks} acks")
    say(f"between two acks: p50 {percentile(gaps, 50):.2f}, p99 {percentile(gaps, 99):.2f}, most {max(gaps):.2f} s")
    say(f"while all are there, and until the last has left: {_pings(lags)}")
    say(
        f"web process: {watch.cpu / watch.seconds:.2f} processors, {third / 1e6:.0f} MB after a third of the time, "
        f"{end / 1e6:.0f} MB at the end, peak {max(watch.sizes) / 1e6:.0f} MB"
    )
    finals = sum(len(client.heard.finals) for client in clients)
    say(f"{finals} final segments; lost or broken: {len(problems)} {problems[:5] or ''}")
    good = not problems and lag < MOST_LAG and percentile(gaps, 99) <= MOST_ACK_GAP and end <= MOST_GROWTH * third
    say(f"nothing lost, ping p99 < {1000 * MOST_LAG:.0f} ms, acks in time, memory bounded: {good}")
    return int(not good)
