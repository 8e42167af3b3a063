"""Pages: queries and server time of a library of thousands, and of a transcript of many hours."""

from __future__ import annotations

import statistics
import time
from argparse import ArgumentParser
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import requests
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from transcription.management.benchmarks.full_library import SECONDS_A_SEGMENT, add_long_recording, fill_library
from transcription.management.benchmarks.installation import Installation
from transcription.management.benchmarks.scratch import owner, run_in_scratch_folder
from transcription.models import Recording
from transcription.speech import captions
from transcription.views.library import MAX_ROWS_ASKED, PAGE_SIZE
from transcription.views.recording import SEGMENTS_A_PAGE

HELP = "Ask for the largest pages and count their queries and their time."
WARM_UP = 3
MOST_SECONDS = 0.150
FEW = 3


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--recordings", type=int, default=10_000, help="in the library (default 10,000)")
    parser.add_argument("--hours", type=float, default=10.0, help="length of the long transcript (default 10)")
    parser.add_argument("--times", type=int, default=20, help="that each page is asked for, two at least (default 20)")


def run(*, say: Any, **options: Any) -> int:
    """Exit status 1 when the number of queries grows with the data, or a page takes 150 ms or more."""
    return run_in_scratch_folder(lambda: _measure(say, **options))


@dataclass(frozen=True, slots=True)
class Page:
    name: str
    address: str
    limited: bool = False
    """Whether the limit in time holds for it."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of each request, processor seconds of one, bytes of the answer."""

    seconds: tuple[float, ...]
    cpu: float
    size: int

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def __str__(self) -> str:
        p95 = statistics.quantiles(self.seconds, n=20)[-1]
        times = "".join(f"{1000 * value:9.0f}" for value in (self.cpu, min(self.seconds), self.median, p95))
        return f"{times}{self.size / 1000:7.0f}"


def _measure(say: Any, *, recordings: int, hours: float, times: int, **_: Any) -> int:
    segments = int(hours * 3600 / SECONDS_A_SEGMENT)
    with Installation("--workers", "0") as scripta:
        fill_library(owner(), count=FEW)
        few = _queries(_pages(add_long_recording(owner(), segments=FEW), FEW, FEW))
        long = add_long_recording(owner(), segments=segments)
        fill_library(owner(), count=recordings - FEW - 2)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as the database does by itself within a minute
        pages = _pages(long, recordings, segments)
        many = _queries(pages)
        say(f"{recordings} recordings, a transcript of {segments} segments")
        say(f"{'page':34}{'queries':>10}{'CPU ms':>9}{'best ms':>9}{'median':>9}{'p95':>9}{'KB':>7}")
        session, good = _session(), True
        for page in pages:
            timing = _time(session, scripta, page, times)
            same = few[page.name] == many[page.name]
            queries = f"{many[page.name]}" if same else f"{few[page.name]} → {many[page.name]}"
            say(f"{page.name:34}{queries:>10}{timing}")
            good &= same and not (page.limited and timing.median >= MOST_SECONDS)
    return 0 if good else 1


def _pages(long: Recording, recordings: int, segments: int) -> list[Page]:
    own = {"pk": long.pk}
    last_page, last_part = -(-recordings // PAGE_SIZE), (segments - 1) // SEGMENTS_A_PAGE
    library, recording, part = reverse("library"), reverse("recording", kwargs=own), reverse("segments", kwargs=own)
    shown = Recording.objects.newest_first().values_list("id", flat=True)[:MAX_ROWS_ASKED]
    rows = urlencode([("row", f"{key}:done") for key in shown])
    return [
        Page("library, first page", library, limited=True),
        Page("library, middle page", f"{library}?page={-(-last_page // 2)}", limited=True),
        Page("library, last page", f"{library}?page={last_page}", limited=True),
        Page(f"library, {MAX_ROWS_ASKED} rows asked again", f"{reverse('recordings-status')}?{rows}"),
        Page("recording, first part", recording, limited=True),
        Page("recording, last part", f"{recording}?page={last_part}", limited=True),
        Page("segments, first part", f"{part}?from=0&until={SEGMENTS_A_PAGE}"),
        Page("segments, last part", f"{part}?from={last_part * SEGMENTS_A_PAGE}"),
        Page("segments after the last", f"{part}?after={segments}"),
        Page("status of the job", f"{reverse('recording-status', kwargs=own)}?shown=done"),
        Page("waveform", reverse("waveform", kwargs=own)),
        *(Page(f"export as {name}", reverse("export", kwargs=own | {"format": name})) for name in captions.FORMATS),
    ]


def _queries(pages: list[Page]) -> dict[str, int]:
    """How many each page makes, session and user included, asked in this process."""
    client = Client(SERVER_NAME=settings.HOST)
    client.force_login(owner())
    counts = {}
    for page in pages:
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(page.address)
        if answer.status_code != requests.codes.ok:
            raise RuntimeError(f"{page.address} answered {answer.status_code}")
        counts[page.name] = len(queries)
    return counts


def _session() -> requests.Session:
    client = Client()
    client.force_login(owner())
    session = requests.Session()
    session.cookies.update({"sessionid": client.cookies["sessionid"].value})
    return session


def _time(session: requests.Session, scripta: Installation, page: Page, often: int) -> Timing:
    """Ask for the page over and over, on this machine, until its last byte is there."""
    times: list[float] = []
    for number in range(WARM_UP + often):
        if number == WARM_UP:
            before = _cpu_seconds(scripta)
        began = time.perf_counter()
        answer = session.get(scripta.url + page.address, timeout=60)
        times.append(time.perf_counter() - began)
        answer.raise_for_status()
    return Timing(tuple(times[WARM_UP:]), (_cpu_seconds(scripta) - before) / often, len(answer.content))


def _cpu_seconds(scripta: Installation) -> float:
    """Of the web process and of Postgres so far: what others on the machine hardly change.

    A connection's process ends with its request; its time is then the server's ``children_user``.
    """
    web = scripta.process_named("web").cpu_times()
    postgres = scripta.process_named("postgres").cpu_times()
    ended = postgres.children_user + postgres.children_system
    return float(web.user + web.system + postgres.user + postgres.system + ended)
