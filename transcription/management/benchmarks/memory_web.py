"""Memory: the web process's resident size while a large file goes up in pieces and comes down in every way."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from typing import Any, Self, TypeVar

import requests
from django.test import Client
from django.urls import reverse

from transcription.management.benchmarks.installation import Installation
from transcription.management.benchmarks.memory import resident_bytes
from transcription.management.benchmarks.scratch import owner, run_in_scratch_folder
from transcription.models import Recording

HELP = "Upload and download a large file and watch the web process's memory."
MOST_BYTES = 250e6
CHUNK = 8 * 2**20
SAMPLE_SECONDS = 0.05
SLOW_SECONDS, SLOW_PIECE = 20.0, 64 * 2**10


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--gigabytes", type=float, default=2.0, help="size of the file (default 2)")


def run(*, say: Any, **options: Any) -> int:
    """Exit status 1 when the peak is above the limit, or other bytes come down than went up."""
    return run_in_scratch_folder(lambda: _measure(say, **options))


def _measure(say: Any, *, gigabytes: float, **_: Any) -> int:
    size = int(gigabytes * 1e9)
    with Installation() as scripta, Watch(scripta) as watch:
        session = _session()
        say(f"idle: {watch.peak / 1e6:.0f} MB")
        sent, recording = watch.told(say, "upload in pieces", lambda: _upload(session, scripta.url, size))
        url = scripta.url + reverse("media", args=[recording.pk])
        whole = watch.told(say, "download", lambda: _digest(_pieces(session, url)))
        ranges = watch.told(say, "download by ranges", lambda: _digest(_ranges(session, url, size)))
        watch.told(say, "slow download", lambda: _read_slowly(session, url))
        peak = watch.peak
    same = sent == whole == ranges
    say(f"peak {peak / 1e6:.0f} MB (limit {MOST_BYTES / 1e6:.0f}); what came down is what went up: {same}")
    return 0 if same and peak < MOST_BYTES else 1


Result = TypeVar("Result")


class Watch:
    """Samples the web process, with its children, until the end. ``peak`` is in bytes."""

    def __init__(self, scripta: Installation) -> None:
        self.peak = 0
        self._web = scripta.process_named("web")
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample)

    def _sample(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            self.peak = max(self.peak, resident_bytes(self._web))

    def told(self, say: Any, name: str, work: Callable[[], Result]) -> Result:
        began = time.monotonic()
        result = work()
        say(f"{name}: {time.monotonic() - began:.1f} s, peak so far {self.peak / 1e6:.0f} MB")
        return result

    def __enter__(self) -> Self:
        self._thread.start()
        time.sleep(10 * SAMPLE_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


def _session() -> requests.Session:
    client = Client()
    client.force_login(owner())
    token = "c" * 32
    session = requests.Session()
    session.cookies.update({"sessionid": client.cookies["sessionid"].value, "csrftoken": token})
    session.headers.update({"X-CSRFToken": token, "Tus-Resumable": "1.0.0"})
    return session


def _upload(session: requests.Session, address: str, size: int) -> tuple[str, Recording]:
    """Bytes that are no media, so that the worker has nothing to do; their SHA-256 and the recording."""
    created = session.post(address + reverse("uploads"), headers={"Upload-Length": str(size)}, timeout=60)
    created.raise_for_status()
    noise, digest = os.urandom(CHUNK), hashlib.sha256()
    for offset in range(0, size, CHUNK):
        piece = (offset.to_bytes(8, "big") + noise[8:])[: size - offset]
        headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        answer = session.patch(address + created.headers["Location"], piece, headers=headers, timeout=120)
        answer.raise_for_status()
        digest.update(piece)
    return digest.hexdigest(), Recording.objects.get(owner=owner())


def _digest(pieces: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def _pieces(session: requests.Session, url: str) -> Iterator[bytes]:
    with session.get(url, stream=True, timeout=60) as answer:
        answer.raise_for_status()
        yield from answer.iter_content(2**20)


def _ranges(session: requests.Session, url: str, size: int) -> Iterator[bytes]:
    """As a player does: ask for all that is left, and again when less came."""
    begin = 0
    while begin < size:
        answer = session.get(url, headers={"Range": f"bytes={begin}-"}, timeout=60)
        answer.raise_for_status()
        yield answer.content
        begin += len(answer.content)


def _read_slowly(session: requests.Session, url: str) -> None:
    """Take a little now and then, and hang up."""
    deadline = time.monotonic() + SLOW_SECONDS
    with session.get(url, stream=True, timeout=60) as answer:
        for _ in answer.iter_content(SLOW_PIECE):
            time.sleep(0.1)
            if time.monotonic() > deadline:
                return
