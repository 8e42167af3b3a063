"""Faults while several edit one transcript: connections cut, processes killed; nothing may be lost or go unseen."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from argparse import ArgumentParser
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client

from accounts.models import User
from transcription.enums import GrantRole
from transcription.management.benchmarks.chromium import chromium, what_is_missing
from transcription.management.benchmarks.edit_client import EditingClient
from transcription.management.benchmarks.edit_cutter import Cutter
from transcription.management.benchmarks.edit_journal import Journal
from transcription.management.benchmarks.edit_judge import Log, Verdict, judge
from transcription.management.benchmarks.edit_person import Person
from transcription.management.benchmarks.full_library import add_long_recording
from transcription.management.benchmarks.installation import Installation
from transcription.management.benchmarks.killing import Killer
from transcription.management.benchmarks.scratch import owner, run_in_scratch_folder
from transcription.models import Recording, TranscriptSegment
from transcription.services import sharing, transcripts

if TYPE_CHECKING:
    from transcription.management.benchmarks.edit_pages import PagePerson

HELP = "Edit one transcript by several at once, cut connections, kill web and Postgres; check that nothing is lost."
VICTIMS = ("web", "postgres", "valkey")
SETTLING = 90.0
"""Seconds in which all that was typed must be saved once nothing is disturbed any more."""
LOOKING = 15.0
"""Seconds in which an open page must show what others wrote: it looks every five."""
MOST_LOOKS = 4
"""At what everybody sees, until nothing changes meanwhile."""
AFTER_A_KILL = 60.0
"""Seconds in which the server may answer with errors of its own: Postgres takes up to 40 (see docs/benchmarks.md)."""
MOST_TOLD = 5
"""Of each kind of problem."""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--edits", type=int, default=3000, help="acknowledged, in all (default 3000)")
    parser.add_argument("--clients", type=int, default=2, help="that speak as the page's scripts do (default 2)")
    parser.add_argument("--pages", type=int, default=2, help="in Chromium (default 2)")
    parser.add_argument("--passages", type=int, default=30, help="of the transcript (default 30)")
    parser.add_argument("--kills", type=int, default=40, help="at least, in all (default 40)")
    parser.add_argument("--every", type=float, default=8.0, help="seconds between two kills, on average (default 8)")
    parser.add_argument("--cut", type=float, default=0.1, help="share of requests that are cut (default 0.1)")
    parser.add_argument("--pause", type=float, default=0.05, help="seconds between a client's acts (default 0.05)")
    parser.add_argument("--victims", nargs="+", choices=VICTIMS, default=["web", "postgres"])
    parser.add_argument("--seed", type=int, default=1, help="of all that is drawn")


def run(*, say: Any, **options: Any) -> int:
    """Exit status 1 when anything was lost, doubled, overwritten unseen or not replayed."""
    if options["pages"] and (missing := what_is_missing()):
        raise CommandError(f"{missing}. Without pages: --pages 0")
    return run_in_scratch_folder(lambda: Trial(say, **options).run())


class Trial:
    """One transcript, and all who edit it."""

    def __init__(self, say: Any, *, seed: int, **options: Any) -> None:
        self.say, self.options, self.draw = say, options, random.Random(seed)
        self.over = threading.Event()
        self.people: list[Person] = []
        self.pages: list[PagePerson] = []
        self.problems: dict[str, list[str]] = {}

    def run(self) -> int:
        environment = {"SCRIPTA_ENGINE": "scripted", "SCRIPTA_API_USER_RATE": "0", "SCRIPTA_LIVE": "0"}
        with Installation("--workers", "0", environment=environment) as self.scripta:
            self.recording = add_long_recording(owner(), segments=self.options["passages"])
            names = [f"{kind}{n}" for kind in ("client", "page") for n in range(self.options[f"{kind}s"])]
            sessions = {name: session_of(editor(self.recording, name)) for name in names}
            began = time.monotonic()
            with self._cutter() as self.cutter, self._browser() as browser:
                self._invite(browser, sessions)
                self._disturb()
                self._settle()
            connection.close()  # it may be that of a Postgres that is dead
            return self._report(time.monotonic() - began)

    def _cutter(self) -> Cutter:
        return Cutter(settings.PORT, rate=self.options["cut"], seed=self.draw.randrange(2**32))

    def _browser(self) -> contextlib.AbstractContextManager[Any]:
        return chromium() if self.options["pages"] else contextlib.nullcontext()

    def _invite(self, browser: Any, sessions: dict[str, str]) -> None:
        address = f"{self.cutter.url}/recordings/{self.recording.pk}/"
        for name, key in sessions.items():
            seed = self.draw.randrange(2**32)
            if name.startswith("page"):
                # It brings Playwright, which only developers have.
                from transcription.management.benchmarks.edit_pages import PagePerson  # noqa: PLC0415

                self.pages.append(PagePerson(f"{name}w", browser, address, key, seed=seed))
                continue
            client = EditingClient(self.cutter.url, key, str(self.recording.pk), Journal())
            self.people.append(Person(f"{name}w", client, seed=seed, pause=self.options["pause"], over=self.over))

    def _disturb(self) -> None:
        """Until there were enough edits and enough kills."""
        self.killer = Killer(self.say, self.scripta, self.draw, tuple(self.options["victims"]), self.options["every"])
        with self.killer.at_work(most=self.options["kills"]):
            for person in self.people:
                person.start()
            while not self._is_enough():
                for page in self.pages:
                    page.act()
                if not self.pages:
                    time.sleep(0.2)
        self.over.set()

    def _is_enough(self) -> bool:
        if any(person.error for person in self.people):
            return True
        return self.killer.count >= self.options["kills"] and self._acknowledged() >= self.options["edits"]

    def _acknowledged(self) -> int:
        by_pages = {page.session_key for page in self.pages}
        done = sum(1 for each in list(self.cutter.exchanges) if each.who in by_pages and each.status == 201)
        return done + sum(person.acknowledged for person in self.people)

    def _everybody(self) -> list[Person | PagePerson]:
        return [*self.people, *self.pages]

    def _settle(self) -> None:
        for person in self.people:
            person.join(60)
        self.scripta.wait_until_ready()
        self.cutter.heal()
        self.problems["clients went on to the end"] = [repr(each.error) for each in self.people if each.error]
        unsettled = [each.name for each in self._everybody() if not each.settle(SETTLING)]
        self.problems["all that was typed is saved"] = [f"{name} has unsaved text" for name in unsettled]
        self._compare_views()

    def _compare_views(self) -> None:
        """With everybody silent, everybody sees the same. A page may still send what was pressed last: then again."""
        for _ in range(MOST_LOOKS):
            rows = self._rows()
            wrong = self._seen_otherwise(rows)
            if rows == self._rows():
                break
        self.problems["everybody sees the same text"] = wrong
        self.problems["no script fails on a page"] = [error for page in self.pages for error in page.errors]

    def _rows(self) -> list[tuple[int, str]]:
        # In another thread: Playwright runs an event loop in this one, which Django keeps off its database.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(rows_of, self.recording).result()

    def _seen_otherwise(self, rows: list[tuple[int, str]]) -> list[str]:
        wrong = []
        for person in self.people:
            person.client.pull()
            wrong += _difference(person.name, [(row.index, row.text) for row in person.client.in_order()], rows)
        for page in self.pages:
            wrong += _difference(page.name, page.shown(rows, LOOKING), rows)
            wrong += _difference(f"{page.name}, loaded anew", page.shown_after_reload(), rows)
        return wrong

    def _report(self, seconds: float) -> int:
        transcript = transcripts.newest_transcript(recording=self.recording)
        assert transcript is not None  # noqa: S101 -- the recording was made with one
        for page in self.pages:
            page.read_line(self.cutter.exchanges)
        journals = {each.name: each.client.journal for each in self.people}
        journals |= {page.name: page.journal for page in self.pages}
        requests = {each.body.get("request", "") for each in self.cutter.exchanges}
        verdict = judge(Log(transcript), journals, requests=requests)
        verdict.problems |= self.problems
        verdict.find("the server failed only when killed", self._failures())
        self._tell(verdict, seconds)
        return 0 if verdict.is_good else 1

    def _failures(self) -> list[str]:
        kills = self.killer.moments
        return [
            f"{line}, {moment - max((k for k in kills if k <= moment), default=0):.0f} s after a kill"
            for moment, line in self.cutter.failures
            if not any(0 <= moment - kill <= AFTER_A_KILL for kill in kills)
        ]

    def _tell(self, verdict: Verdict, seconds: float) -> None:
        cuts = self.cutter.cuts
        self.say(f"{len(self.people)} clients and {len(self.pages)} pages edited for {seconds:.0f} s; {self.killer}")
        self.say(f"connections cut: {cuts['before']} before, {cuts['after']} after, {cuts['middle']} in the answer")
        done: Counter[str] = sum((each.done for each in self._everybody()), Counter())
        self.say("acts: " + ", ".join(f"{name} {count}" for name, count in done.most_common()))
        self.say(
            f"{verdict.revisions} edits in the log: " + ", ".join(f"{k} {n}" for k, n in verdict.kinds.most_common())
        )
        self.say(
            f"acknowledged {verdict.acknowledged}, conflicts told {verdict.conflicts}, texts let go {verdict.given_up}"
            f", visits to a field {verdict.typed}, passages at the end {verdict.passages}"
        )
        for question, wrong in verdict.problems.items():
            self.say(f"{'NO ' if wrong else 'yes'}  {question}" + (f": {len(wrong)}" if wrong else ""))
            for each in wrong[:MOST_TOLD]:
                self.say(f"       {each}")


def editor(recording: Recording, name: str) -> User:
    """Somebody with whom the recording is shared to be edited."""
    user = User.objects.create_user(f"{name}@example.org")
    sharing.share_with_person(recording=recording, by=owner(), email=user.email, role=GrantRole.EDITOR)
    return user


def rows_of(recording: Recording) -> list[tuple[int, str]]:
    """Number and text of all passages, in order."""
    rows = TranscriptSegment.objects.filter(transcript__recording=recording).in_order()
    try:
        return [(index, " ".join(text.split())) for index, text in rows.values_list("index", "text")]
    finally:
        connection.close()


def session_of(user: User) -> str:
    """The key of a new session, as a browser would hold it after signing in."""
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


def _difference(who: str, seen: list[tuple[int, str]], rows: list[tuple[int, str]]) -> list[str]:
    if seen == rows:
        return []
    here, there = dict(seen), dict(rows)
    differing = [index for index in {*here, *there} if here.get(index) != there.get(index)]
    told = [f"{index}: {here.get(index)!r} instead of {there.get(index)!r}" for index in differing[:3]]
    return [f"{who}: " + ("; ".join(told) or "in another order")]
