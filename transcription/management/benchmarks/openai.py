"""The way through ``/v1``: what it adds to reading a short clip, and what fifty clients at once do to it."""

from __future__ import annotations

import statistics
import time
from argparse import ArgumentParser
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests
from django.conf import settings

from accounts.services import keys
from transcription.management.benchmarks.installation import Installation
from transcription.management.benchmarks.memory_web import Watch
from transcription.management.benchmarks.readers import pipeline
from transcription.management.benchmarks.scratch import owner, run_in_scratch_folder
from transcription.management.benchmarks.sound import repeat_speech
from transcription.models import Recording
from transcription.speech.engines.base import EngineOptions

HELP = "Post a clip of ten seconds, beside reading it in one process; then fifty at once."
CLIP_SECONDS = 10.0
WARM_UP = 2
MOST_OVERHEAD = 0.300
CLIENTS = 50
MOST_GROWTH = 150e6
"""Bytes that the web process may gain while all of them wait."""
PATIENCE = 600.0
CLEARING_SECONDS = 10.0
ANSWERED = {200, 429, 503}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--times", type=int, default=20, help="requests, and readings beside them (default 20)")


def run(*, say: Any, **options: Any) -> int:
    """Exit status 1 when the overhead or the memory is above its limit, or one of the fifty is not answered."""
    return run_in_scratch_folder(lambda: _measure(say, **options))


def _measure(say: Any, *, times: int, **_: Any) -> int:
    clip = settings.DATA / "clip.mp3"
    repeat_speech([settings.BASE_DIR / "tests" / "data" / "jfk.flac"], clip, seconds=CLIP_SECONDS)
    environment = {"SCRIPTA_API_KEY_RATE": "0", "SCRIPTA_API_USER_RATE": "0"}
    with Installation(environment=environment) as scripta:
        client = Client(scripta.url, keys.create_key(user=owner(), name="benchmark")[1], clip)
        quick = _overhead(say, client, clip, times)
        held = _crowd(say, client, scripta)
    return 0 if quick and held else 1


class Client:
    """Posts the same clip again and again."""

    def __init__(self, url: str, key: str, clip: Path) -> None:
        self._address = f"{url}/v1/audio/transcriptions"
        self._headers = {"Authorization": f"Bearer {key}"}
        self._sound = clip.read_bytes()

    def post(self) -> requests.Response:
        fields = {"model": "whisper-1", "language": "en"}
        files = {"file": ("clip.mp3", self._sound)}
        return requests.post(self._address, data=fields, files=files, headers=self._headers, timeout=PATIENCE)


def _overhead(say: Any, client: Client, clip: Path, times: int) -> bool:
    options = EngineOptions(
        name=settings.ENGINE,
        model=settings.MODEL,
        models_dir=settings.MODELS,
        device=settings.DEVICE,
        compute_type=settings.COMPUTE_TYPE,
        threads=settings.THREADS,
    )
    read = pipeline(options, beam_size=settings.BEAM_SIZE)
    bare, posted = [], []
    for _ in range(WARM_UP + times):
        began = time.perf_counter()
        text = read(clip, "en").text
        between = time.perf_counter()
        answer = client.post()
        ended = time.perf_counter()
        answer.raise_for_status()
        if (said := answer.json()["text"]) != text:
            raise RuntimeError(f"the answer says {said!r}, not {text!r}")
        bare.append(between - began)
        posted.append(ended - between)
    ours, theirs = statistics.median(posted[WARM_UP:]), statistics.median(bare[WARM_UP:])
    say(f"{CLIP_SECONDS:.0f} s of speech, median of {times}: posted {1000 * ours:.0f} ms, bare {1000 * theirs:.0f} ms")
    say(f"overhead {1000 * (ours - theirs):.0f} ms (limit {1000 * MOST_OVERHEAD:.0f})")
    return ours - theirs <= MOST_OVERHEAD


def _crowd(say: Any, client: Client, scripta: Installation) -> bool:
    """All at once; whoever is refused for now counts as answered, whoever hears nothing as lost."""
    with Watch(scripta) as watch:
        idle = watch.peak
        began = time.monotonic()
        with ThreadPoolExecutor(CLIENTS) as executor:
            answers = [future.result() for future in [executor.submit(_ask, client) for _ in range(CLIENTS)]]
        took = time.monotonic() - began
        growth = watch.peak - idle
    counted = Counter(answers)
    left = _left_over()
    say(f"{CLIENTS} at once: {dict(counted)} in {took:.1f} s, web {idle / 1e6:.0f} MB, {growth / 1e6:+.0f} MB")
    say(f"recordings left: {left}")
    return set(counted) <= ANSWERED and growth <= MOST_GROWTH and left == 0


def _left_over() -> int:
    """Recordings are deleted just after their answers."""
    deadline = time.monotonic() + CLEARING_SECONDS
    while (left := Recording.objects.count()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def _ask(client: Client) -> int | str:
    try:
        answer = client.post()
    except requests.RequestException as error:
        return type(error).__name__
    return answer.status_code if answer.status_code != requests.codes.ok or answer.json()["text"] else "no text"
