"""Memory: the worker's resident size, with its decoder, while it reads one very long recording."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings

from transcription.enums import ENDED_STATES, JobState
from transcription.management.benchmarks.installation import Installation
from transcription.management.benchmarks.scratch import add_recording, run_in_scratch_folder
from transcription.management.benchmarks.sound import repeat_speech
from transcription.models import Job
from transcription.services import jobs

HELP = "Transcribe a recording of several hours and watch the worker's memory."
SAMPLE_SECONDS = 0.5
REPORT_SECONDS = 60.0
MOST_BYTES = 1.2e9


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--hours", type=float, default=4.0, help="length of the recording (default 4)")
    parser.add_argument("--engine", default=settings.ENGINE)
    parser.add_argument("--model", default=settings.MODEL)
    parser.add_argument("--speech", type=Path, nargs="*", help="recordings to repeat (default: those of the tests)")


def run(*, say: Any, **options: Any) -> int:
    """Exit status 1 when the peak is above the limit, or the job does not end well."""
    return run_in_scratch_folder(lambda: _measure(say, **options))


def _measure(say: Any, *, hours: float, engine: str, model: str, speech: list[Path] | None, **_: Any) -> int:
    sources = speech or sorted((settings.BASE_DIR / "tests" / "data").glob("*.flac"))
    path = settings.DATA / "long.mp3"
    seconds = repeat_speech(sources, path, seconds=hours * 3600)
    with Installation() as scripta:
        recording = add_recording(path, title="A very long recording")
        path.unlink()
        say(f"{seconds / 3600:.2f} h of speech, {recording.size / 1e6:.0f} MB")
        job = jobs.submit_job(recording=recording, options=jobs.JobOptions(engine=engine, model=model, language="en"))
        began = time.monotonic()
        peak = _watch(say, scripta.process_named("worker"), job)
        took = time.monotonic() - began
    say(f"{engine} {model}: job {job.state}, peak {peak / 1e6:.0f} MB, RTF {took / seconds:.3f} ({took:.0f} s)")
    return 0 if job.state == JobState.DONE and peak < MOST_BYTES else 1


def resident_bytes(worker: psutil.Process) -> int:
    """Of the process and its children, added: pages that they share count more than once."""
    total = 0
    for process in (worker, *worker.children(recursive=True)):
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue  # a decoder that has just ended
    return total


def _watch(say: Any, worker: psutil.Process, job: Job) -> int:
    """The largest size seen until the job ends."""
    peak, told = 0, time.monotonic()
    while job.state not in ENDED_STATES:
        time.sleep(SAMPLE_SECONDS)
        size = resident_bytes(worker)
        peak = max(peak, size)
        job.refresh_from_db()
        if time.monotonic() - told > REPORT_SECONDS:
            told = time.monotonic()
            say(f"{job.percent} %: {size / 1e6:.0f} MB, peak {peak / 1e6:.0f} MB")
    return peak
