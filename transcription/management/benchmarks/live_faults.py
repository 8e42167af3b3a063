"""Faults while people speak: kill -9 of each process at random; no acknowledged sound and no final word may go."""

from __future__ import annotations

import asyncio
import random
import statistics
from argparse import ArgumentParser
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection

from accounts.services import keys
from transcription.management.benchmarks.installation import Installation
from transcription.management.benchmarks.killing import Killer
from transcription.management.benchmarks.live_client import RATE, LiveClient, Refused, require_websockets
from transcription.management.benchmarks.live_kept import Kept, compare
from transcription.management.benchmarks.live_streams import read_samples, speak, to_pcm
from transcription.management.benchmarks.scratch import owner, run_in_scratch_folder

HELP = "Kill each process at random while people speak, and check that nothing is lost or doubled."
VICTIMS = ("web", "worker", "postgres", "valkey")
PAUSES = (0.3, 2.0)
"""Seconds of quiet between two pieces of speech."""
DRAIN = 300.0


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--kills", type=int, default=50, help="in all (default 50)")
    parser.add_argument("--every", type=float, default=8.0, help="seconds between two kills, on average (default 8)")
    parser.add_argument("--speakers", type=int, default=4, help="at once (default 4)")
    parser.add_argument("--seconds", type=float, default=90.0, help="that each speaks in a round (default 90)")
    parser.add_argument("--victims", nargs="+", choices=VICTIMS, default=VICTIMS)
    parser.add_argument("--seed", type=int, default=1, help="of the moments, the victims and the pauses")


def run(*, say: Any, **options: Any) -> int:
    """Exit status 1 when anything was lost, doubled or changed, or a recording did not end."""
    require_websockets()
    return run_in_scratch_folder(lambda: _measure(say, **options))


def _measure(say: Any, *, kills: int, speakers: int, seconds: float, every: float, seed: int, **options: Any) -> int:
    draw = random.Random(seed)
    sources = [read_samples(path) for path in sorted((settings.BASE_DIR / "tests" / "data").glob("*.flac"))]
    environment = {"SCRIPTA_ENGINE": "scripted", "SCRIPTA_LIVE_SPEAKERS": str(2 * speakers)}
    kept: list[Kept] = []
    with Installation(environment=environment) as scripta:
        key = keys.create_key(user=owner(), name="Measuring")[1]
        killer = Killer(say, scripta, draw, tuple(options["victims"]), every)
        while killer.count < kills:
            sounds = [to_pcm(with_pauses(sources, seconds, draw)) for _ in range(speakers)]
            clients = [
                LiveClient(scripta.url, key, patient=True, seed=draw.randrange(2**32), language="en") for _ in sounds
            ]
            with killer.at_work(most=kills):
                refusals = asyncio.run(_round(clients, sounds))
            scripta.wait_until_ready()
            connection.close()  # it was Postgres's that is dead
            kept += [compare(client, refusal) for client, refusal in zip(clients, refusals, strict=True)]
            for one in kept[-speakers:]:
                say(str(one))
    return _table(say, killer, kept)


async def _round(clients: list[LiveClient], sounds: list[bytes]) -> list[str]:
    """All speak; why each was put out, "" if it was not."""

    async def perform(client: LiveClient, sound: bytes) -> str:
        try:
            talk = await speak(client, sound, drain=DRAIN)
        except Refused as refused:
            return str(refused)
        return "" if talk.finished else f"not finished after {DRAIN:.0f} s"

    return list(await asyncio.gather(*(perform(*pair) for pair in zip(clients, sounds, strict=True))))


def with_pauses(sources: list[Any], seconds: float, draw: random.Random) -> Any:
    """Pieces of speech in an order of their own, with pauses between."""
    pieces: list[Any] = []
    length = 0
    while length < seconds * RATE:
        pieces += [draw.choice(sources), np.zeros(int(draw.uniform(*PAUSES) * RATE), dtype=np.float32)]
        length += len(pieces[-1]) + len(pieces[-2])
    return np.concatenate(pieces)[: int(seconds * RATE)]


def _table(say: Any, killer: Killer, kept: list[Kept]) -> int:
    spoken = sum(k.seconds for k in kept)
    say(f"{killer} while {len(kept)} recordings, {spoken:.0f} s, were spoken")
    say(f"acknowledged samples {sum(k.acked for k in kept)}, lost {sum(k.samples_lost for k in kept)}")
    say(
        f"final words {sum(k.words for k in kept)}, lost {sum(k.words_lost for k in kept)}, "
        f"doubled {sum(k.words_doubled for k in kept)}"
    )
    longest = [k.longest_silence for k in kept]
    say(f"longest time without an ack: median {statistics.median(longest):.1f} s, most {max(longest):.1f} s")
    bad = [k for k in kept if not k.is_whole]
    say(f"{len(kept) - len(bad)} of {len(kept)} recordings whole")
    return int(bool(bad))
