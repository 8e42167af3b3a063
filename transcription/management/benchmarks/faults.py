"""Faults: kill -9 of each process in the middle of jobs; every job must end once, with a complete transcript."""

from __future__ import annotations

import random
import statistics
import time
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings
from django.db import Error, connection

from transcription.enums import ENDED_STATES, JobState
from transcription.management.benchmarks.completeness import Content, content_of, differences, ended_once
from transcription.management.benchmarks.installation import Installation, NotReady, processes_of
from transcription.management.benchmarks.scratch import add_recording, run_in_scratch_folder
from transcription.management.benchmarks.sound import repeat_speech
from transcription.models import Job
from transcription.services import jobs

HELP = "Kill each process in the middle of jobs and check that nothing is lost or doubled."
VICTIMS = ("worker", "web", "postgres", "valkey", "supervisor")
LOOK_SECONDS = 0.05
MOST_AGAIN = 60.0
PATIENCE = 300.0
"""Seconds in which a disturbed job must end."""
EARLIEST, LATEST = 0.05, 0.85
"""Of a job's progress: when it is killed."""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--jobs", type=int, default=10, help="jobs for each process (default 10)")
    parser.add_argument("--minutes", type=float, default=3.0, help="length of the recording (default 3)")
    parser.add_argument("--engine", default=settings.ENGINE)
    parser.add_argument("--model", default=settings.MODEL, help="for the scripted engine: seconds a window")
    parser.add_argument("--victims", nargs="+", choices=VICTIMS, default=VICTIMS)
    parser.add_argument("--seed", type=int, default=1, help="of the moments at which is killed")


def run(*, say: Any, **options: Any) -> int:
    """Exit status 1 when a job was lost, doubled or incomplete, or had to do more than 60 s of sound again."""
    return run_in_scratch_folder(lambda: _measure(say, **options))


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """How the same job goes when nothing happens to it."""

    content: Content
    duration: float
    effort: float
    """Processor seconds."""


@dataclass(slots=True)
class Outcome:
    victim: str
    problems: list[str] = field(default_factory=list)
    went_on: float = 0.0
    """Seconds from the kill to the next checkpoint."""
    again: float = 0.0
    """Seconds of sound that were under way when the worker was lost."""


def _measure(
    say: Any, *, engine: str, model: str, victims: list[str], minutes: float, seed: int, **options: Any
) -> int:
    path = settings.DATA / "speech.mp3"
    sources = sorted((settings.BASE_DIR / "tests" / "data").glob("*.flac"))
    duration = repeat_speech(sources, path, seconds=minutes * 60)
    draw = random.Random(seed)
    with Installation() as scripta:
        trial = Trial(scripta, path, jobs.JobOptions(engine=engine, model=model, language="en", notify_by_mail=True))
        trial.undisturbed(duration)  # loads the model
        expected = trial.undisturbed(duration)
        say(f"{duration:.0f} s of speech, undisturbed {expected.effort / duration:.3f} CPU seconds a second")
        outcomes = []
        for victim in victims:
            for number in range(options["jobs"]):
                outcome = trial.disturbed(victim, expected, draw.uniform(EARLIEST, LATEST))
                outcomes.append(outcome)
                _tell(say, number, outcome)
    _table(say, victims, outcomes)
    return 1 if any(outcome.problems for outcome in outcomes) else 0


def _tell(say: Any, number: int, outcome: Outcome) -> None:
    verdict = "; ".join(outcome.problems) or "complete"
    say(f"{outcome.victim} {number + 1}: {verdict}, on after {outcome.went_on:.1f} s, again {outcome.again:.0f} s")


def _table(say: Any, victims: list[str], outcomes: list[Outcome]) -> None:
    say(f"{'killed':12}{'jobs':>6}{'complete, once':>16}{'went on after (s)':>20}{'sound again (s)':>18}")
    for victim in victims:
        mine = [outcome for outcome in outcomes if outcome.victim == victim]
        good = sum(not outcome.problems for outcome in mine)
        on = _middle_and_most([outcome.went_on for outcome in mine])
        again = _middle_and_most([outcome.again for outcome in mine])
        say(f"{victim:12}{len(mine):6}{good:16}{on:>20}{again:>18}")


def _middle_and_most(values: list[float]) -> str:
    return f"{statistics.median(values):.1f}, max {max(values):.1f}"


class Trial:
    """Jobs on one recording, one after the other, in one installation."""

    def __init__(self, scripta: Installation, path: Path, options: jobs.JobOptions) -> None:
        self.scripta, self.path, self.options = scripta, path, options

    def submit(self) -> Job:
        return jobs.submit_job(recording=add_recording(self.path, title="Speech"), options=self.options)

    def undisturbed(self, duration: float) -> Undisturbed:
        effort = Effort(self.scripta.process_named("worker"))
        job = self.submit()
        self.wait(lambda: seen(job)[0] in ENDED_STATES)
        job.refresh_from_db()
        if problems := ended_once(job):
            raise NotReady(f"The undisturbed job failed: {problems}")
        return Undisturbed(content_of(job), duration, effort.seconds())

    def disturbed(self, victim: str, expected: Undisturbed, progress: float) -> Outcome:
        """Kill once the job has come as far as ``progress``, and see it to its end."""
        outcome, old = Outcome(victim), self.scripta.process_named(victim)  # found now: looking takes a while
        job, effort = self.come_to(progress * expected.duration)
        position, spent, killed = seen(job)[1], effort.seconds(), time.monotonic()
        self.scripta.kill(old)
        self.wait(lambda: seen(job)[1] > position or seen(job)[0] in ENDED_STATES)
        outcome.went_on = time.monotonic() - killed
        if not self.wait(lambda: seen(job)[0] in ENDED_STATES):
            outcome.problems.append("did not end")
        if not self.wait(lambda: self.is_back(victim, old)):
            outcome.problems.append(f"the {victim} did not come back")
        job.refresh_from_db()
        if job.attempt > 1:
            outcome.again = max(0.0, spent / expected.effort * expected.duration - position)
        outcome.problems += ended_once(job) + differences(content_of(job), expected.content)
        if outcome.again > MOST_AGAIN:
            outcome.problems.append(f"{outcome.again:.0f} s were done again")
        return outcome

    def come_to(self, position: float) -> tuple[Job, Effort]:
        """A job that has come so far and is being worked on, and what it cost."""
        while True:
            effort = Effort(self.scripta.process_named("worker"))
            job = self.submit()
            self.wait(lambda: seen(job)[1] >= position)  # noqa: B023 -- it ends before the next round
            time.sleep(position / 200)  # not always right after a checkpoint
            if seen(job)[0] == JobState.TRANSCRIBING:
                return job, effort

    def is_back(self, victim: str, old: psutil.Process) -> bool:
        return self.scripta.is_ready() and processes_of(settings.DATA).get(victim, old) != old

    def wait(self, happened: Callable[[], bool]) -> bool:
        """Look until it happened; False when it did not in time."""
        deadline = time.monotonic() + PATIENCE
        while not happened():
            if time.monotonic() > deadline:
                return False
            time.sleep(LOOK_SECONDS)
        return True


class Effort:
    """Processor time of a worker from now on: a measure of its work that others on the machine hardly change."""

    def __init__(self, worker: psutil.Process) -> None:
        self._worker = worker
        self._before = self._total()

    def seconds(self) -> float:
        """0 when that process is gone: after a loss of the database a worker ends, and another takes its place."""
        try:
            return self._total() - self._before
        except psutil.NoSuchProcess:
            return 0.0

    def _total(self) -> float:
        times = self._worker.cpu_times()
        return float(times.user + times.system)


def seen(job: Job) -> tuple[str, float]:
    """The job's state and its transcript's position; ("", -1) while the database does not answer."""
    try:
        state, position = Job.objects.values_list("state", "transcript__position").get(pk=job.pk)
    except Error:
        connection.close()
        return "", -1.0
    return state, position or 0.0
