"""One visit to the page of a recording, as a person makes it: read to the end, corrected in the middle, listened to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transcription.management.benchmarks.chromium import page_bytes

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Response, StorageState, ViewportSize

PROBE = Path(__file__).with_name("editor_probe.js")
SIZE: ViewportSize = {"width": 1280, "height": 800}
LONGEST = 120.0
"""Seconds in which the end must be reached, and whatever is waited for must have come."""
WHEEL, EVERY_MS = 600, 33
"""Pixels of a turn of the wheel and milliseconds between two: 18,000 a second, as with a wheel that spins freely."""
SENTENCE = "and what was said there was written down again by hand "
KEY_MS = 55
AUTOSAVE_MS = 1300
"""After which a pause in typing has led to a saved passage."""
STILL_MS = 1000
"""After which a page that was opened, or has gone elsewhere, is still."""
SAVED = "#save-status[data-state=saved]"
AT_END = """
scrollY + innerHeight >= document.documentElement.scrollHeight - 2 && !document.querySelector(".part-away:last-child")
"""
IN_THE_MIDDLE = "document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest('.seg')?.id"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of each is done in a visit."""

    middle: float
    """Seconds in the recording at which it is corrected and listened to."""
    saves: int
    sentences: int
    seconds: float
    """Of listening."""


@dataclass
class Noted:
    """What a visit found, by the name of the figure: milliseconds, or bytes where the name says memory."""

    values: dict[str, list[float]] = field(default_factory=dict)
    causes: list[str] = field(default_factory=list)
    """Of frames that took too long: what ran."""
    edits: int = 0
    """That the server has acknowledged."""
    problems: list[str] = field(default_factory=list)

    def add(self, name: str, *values: float) -> None:
        self.values.setdefault(name, []).extend(values)

    def answered(self, answer: Response) -> None:
        if answer.status >= HTTPStatus.BAD_REQUEST:
            self.problems.append(f"{answer.status} {answer.url}")
        if answer.status == HTTPStatus.CREATED and answer.url.endswith("/edits/"):
            self.edits += 1


class Visit:
    """In a browser that knows nothing but the person's cookies."""

    def __init__(self, browser: Browser, address: str, signed_in: StorageState, *, plan: Plan, noted: Noted) -> None:
        self.browser, self.address, self.plan, self.noted = browser, address, plan, noted
        profile = browser.new_context(storage_state=signed_in, locale="en-GB", viewport=SIZE)
        profile.add_init_script(path=PROBE)
        profile.set_default_timeout(1000 * LONGEST)
        self.page = profile.new_page()
        self.page.on("pageerror", lambda error: noted.problems.append(str(error)))
        self.page.on("response", noted.answered)

    def make(self) -> None:
        for part in (self.open, self.jump, self.scroll, self.type, self.save, self.listen):
            part()
            self.noted.add("memory, at the end of each part", page_bytes(self.browser))
        self.page.context.new_cdp_session(self.page).send("HeapProfiler.collectGarbage")
        self.page.wait_for_timeout(STILL_MS)
        self.noted.add("memory, without garbage, at the end", page_bytes(self.browser))

    def open(self) -> None:
        self.page.goto(self.address)
        self.page.wait_for_timeout(STILL_MS)
        opened = self.page.evaluate("probe.opened()")
        self.noted.add("first byte of the page", opened["first"])
        self.noted.add("first paint", opened["paint"])
        self.noted.add("largest paint", opened["largest"])
        self.noted.add("until a passage can be edited", opened["editable"])

    def jump(self) -> None:
        """With End to the last passage, and with Home back."""
        with self._frames("jumping to the end and back"):
            self.page.keyboard.press("End")
            self.noted.add("until the end is there", self.page.evaluate("probe.end()"))
            self.page.wait_for_timeout(STILL_MS)
            self.page.keyboard.press("Home")
            self.page.wait_for_function("() => scrollY === 0")

    def scroll(self) -> None:
        self.page.mouse.move(SIZE["width"] / 2, SIZE["height"] / 2)
        deadline, turns = time.monotonic() + LONGEST, 0
        with self._frames("scrolling through all"):
            while turns % 20 or not self.page.evaluate(AT_END):
                self.page.mouse.wheel(0, WHEEL)
                self.page.wait_for_timeout(EVERY_MS)
                turns += 1
                if time.monotonic() > deadline:
                    raise TimeoutError("the end of the transcript was not reached by scrolling")

    def type(self) -> None:
        """Sentences into one passage in the middle, after all was scrolled through; saved by itself after each."""
        page = self.page
        page.evaluate(f"location.hash = '#t={self.plan.middle:.1f}'")
        page.wait_for_timeout(STILL_MS)
        passage = page.evaluate(IN_THE_MIDDLE)
        page.locator(f"#{passage} .seg-text").dblclick(position={"x": 30, "y": 12})
        page.locator(f"#{passage} .seg-field").wait_for()
        with self._frames("typing") as frames:
            for _ in range(self.plan.sentences):
                page.keyboard.type(SENTENCE, delay=KEY_MS)
                page.wait_for_timeout(AUTOSAVE_MS)
        page.wait_for_selector(SAVED, state="attached")
        self.noted.add("from a key to its letter on the screen", max(frames["keys"], default=0.0))

    def save(self) -> None:
        """A word into one passage after the other. Enter saves, and opens the one below."""
        page = self.page
        page.keyboard.press("Enter")
        before = page.evaluate("probe.saves()")
        with self._frames("saving, passage after passage"):
            for _ in range(self.plan.saves):
                page.keyboard.type("well ", delay=KEY_MS)
                page.keyboard.press("Enter")
                page.wait_for_selector(SAVED, state="attached")
        page.keyboard.press("Escape")
        saves = page.evaluate("probe.saves()")
        names = {"seen": "saving an edit", "sent": "– its request", "fetched": "– what changed, fetched"}
        for key, name in names.items():
            self.noted.add(name, *saves[key][len(before[key]) :])

    def listen(self) -> None:
        """Words are marked as they are spoken."""
        page, seconds = self.page, self.plan.seconds
        page.wait_for_function("() => document.querySelector('#media').readyState >= 2")
        with self._frames("playing") as frames:
            page.keyboard.press("Alt+KeyK")
            page.wait_for_timeout(1000 * seconds)
            page.keyboard.press("Alt+KeyK")
        if frames["spoken"] < seconds:  # more than two a second are spoken
            self.noted.problems.append(f"only {frames['spoken']} words were marked in {seconds:.0f} s of playing")

    @contextmanager
    def _frames(self, doing: str) -> Iterator[dict[str, Any]]:
        """Note the longest frame of what is done inside; afterwards the yielded dictionary holds all that was seen."""
        seen: dict[str, Any] = {}
        self.page.evaluate("probe.start()")
        yield seen
        seen |= self.page.evaluate("probe.stop()")
        self.noted.add(f"longest frame, {doing}", max(seen["frames"]))
        self.noted.causes += [f"{doing}: {cause}" for cause in seen["causes"]]
