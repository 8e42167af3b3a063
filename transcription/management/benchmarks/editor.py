"""Editor: what a browser takes for a transcript of ten hours, and how long somebody waits for each frame and save."""

from __future__ import annotations

import statistics
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from accounts.models import User
from transcription.enums import EditKind
from transcription.management.benchmarks.chromium import chromium, what_is_missing
from transcription.management.benchmarks.editor_visit import LONGEST, Noted, Plan, Visit
from transcription.management.benchmarks.installation import Installation
from transcription.management.benchmarks.live_figures import percentile
from transcription.management.benchmarks.long_talk import add_long_talk
from transcription.management.benchmarks.scratch import OWNER, run_in_scratch_folder
from transcription.models import Recording, TranscriptEdit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, StorageState

HELP = "Read, correct and play a very long transcript in Chromium: paint, frames, saving, memory."
PASSWORD = "correct horse battery"  # noqa: S105 -- of an account that lives as long as the measurement
FRAME = "longest frame, "


@dataclass(frozen=True, slots=True)
class Limit:
    most: float
    percent: float = 100
    """Of the values, that must keep it."""


LIMITS = {
    "first paint": Limit(1000),
    "saving an edit": Limit(150, percent=95),
    "memory, at the end of each part": Limit(250e6),
}
FRAME_LIMIT = Limit(100)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--hours", type=float, default=10.0, help="length of the recording (default 10)")
    parser.add_argument("--words", type=int, default=90_000, help="of its transcript (default 90,000)")
    parser.add_argument("--longform", type=Path, metavar="FOLDER", help="take the texts of its manifest.jsonl")
    parser.add_argument("--rounds", type=int, default=3, help="visits, each in a new browser (default 3)")
    parser.add_argument("--saves", type=int, default=20, help="passages corrected in each (default 20)")
    parser.add_argument("--sentences", type=int, default=4, help="typed into one passage in each (default 4)")
    parser.add_argument("--seconds", type=float, default=10.0, help="played in each (default 10)")


def run(*, say: Any, longform: Path | None, **options: Any) -> int:
    """Exit status 1 when a limit is not kept or an edit is not in the log; 2 when there is no browser."""
    if missing := what_is_missing():
        say(f"This is measured in a browser. {missing}")
        return 2
    folder = longform and longform.resolve()
    return run_in_scratch_folder(lambda: _measure(say, longform=folder, **options))


def _measure(
    say: Any,
    *,
    hours: float,
    words: int,
    longform: Path | None,
    rounds: int,
    saves: int,
    sentences: int,
    seconds: float,
    **_: Any,
) -> int:
    with Installation("--workers", "0", environment={"SCRIPTA_LIVE": "0"}) as scripta:
        User.objects.create_user(OWNER, PASSWORD)
        recording = add_long_talk(hours=hours, words=words, longform=longform)
        passages = recording.transcripts.get().segments.count()
        plan = Plan(middle=hours * 1800, saves=saves, sentences=sentences, seconds=seconds)
        address = scripta.url + reverse("recording", args=[recording.pk])
        noted, version = _visits(scripta.url, address, plan, rounds)
        written = _edits(recording)
    say(f"{hours:g} hours, {passages} passages, {words} words; Chromium {version}, {rounds} visits")
    good = _tell(say, noted)
    say(f"edits acknowledged: {noted.edits}; in the log: {written}")
    for problem in noted.problems:
        say(f"problem: {problem}")
    return 0 if good and written == noted.edits and not noted.problems else 1


def _visits(url: str, address: str, plan: Plan, rounds: int) -> tuple[Noted, str]:
    """All that was noted, and the browser's version."""
    noted = Noted()
    with chromium() as browser:
        version, signed_in = browser.version, _sign_in(browser, url, address)
    for _ in range(rounds):
        with chromium() as browser:
            Visit(browser, address, signed_in, plan=plan, noted=noted).make()
    return noted, version


def _sign_in(browser: Browser, url: str, address: str) -> StorageState:
    """The person's cookies. The page is looked at once, so that the server has its templates."""
    page = browser.new_page()
    page.set_default_timeout(1000 * LONGEST)
    page.goto(url)
    page.locator("[name=username]").fill(OWNER)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Library").wait_for()
    page.goto(address)
    page.locator("#transcript .seg").first.wait_for()
    return page.context.storage_state()


def _edits(recording: Recording) -> int:
    """Kept in the log."""
    return TranscriptEdit.objects.filter(transcript__recording=recording, kind=EditKind.TEXT).count()


def _tell(say: Any, noted: Noted) -> bool:
    """The table; whether all limits were kept."""
    good = True
    say(f"{'ms, or MB of memory':44}{'median':>8}{'p95':>8}{'worst':>8}  limit")
    for name, values in noted.values.items():
        unit = 1e6 if name.startswith("memory") else 1
        limit = FRAME_LIMIT if name.startswith(FRAME) else LIMITS.get(name)
        told = (statistics.median(values), percentile(values, 95), max(values))
        kept = limit is None or percentile(values, limit.percent) <= limit.most
        said = "" if limit is None else f"{limit.most / unit:5.0f}{'' if kept else '  MISSED'}"
        say(f"{name:44}" + "".join(f"{value / unit:8.0f}" for value in told) + f"  {said}".rstrip())
        good &= kept
    for cause in noted.causes:
        say(f"long frame, {cause}")
    return good
