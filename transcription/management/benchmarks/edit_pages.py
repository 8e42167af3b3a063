"""People who edit in real Chromium pages with the real scripts of the editor: by keyboard and mouse, at random."""

from __future__ import annotations

import contextlib
import random
import time
from collections import Counter
from typing import Any

from playwright.sync_api import Browser, Locator, Page
from playwright.sync_api import Error as PlaywrightError

from transcription.editing.passages import Refused, clean_text
from transcription.enums import EditKind
from transcription.management.benchmarks.edit_client import CSRF
from transcription.management.benchmarks.edit_cutter import Exchange
from transcription.management.benchmarks.edit_journal import Journal, Sent, Told

PATIENCE = 4_000
"""Milliseconds for one step: what a page that others edit too does not offer any more is left."""
NAMES = ("Ada", "Grace", "Radia", "Karen")
HOT = 5
SAVE_STATUS = "document.querySelector('#save-status')?.dataset.state"
DRAFTS = "Object.keys(localStorage).filter((key) => key.startsWith('scripta-draft:'))"
WATCH = """
    window.shownIn = (row) => {
        const text = row.querySelector("textarea")?.value ?? row.querySelector(".seg-text").textContent;
        return [Number(row.dataset.index), text.replace(/\\s+/g, " ").trim()];
    };
    window.pressed = [];
    addEventListener("click", ({ target }) => {
        const row = target.closest?.(".seg");
        if (row) window.pressed.push(window.shownIn(row));
    }, true);
"""
SHOWN = "[...document.querySelectorAll('#transcript .seg')].map(shownIn)"
PRESSED = "pressed.splice(0)"
"""What a passage showed when it was pressed: others' text may have come since it was chosen."""


class PagePerson:
    """One person in one browser, whose page may be closed at any moment and opened again."""

    def __init__(self, name: str, browser: Browser, address: str, session_key: str, *, seed: int) -> None:
        self.name, self.address, self.session_key = name, address, session_key
        self.journal = Journal()
        self.done: Counter[str] = Counter()
        self.errors: list[str] = []
        self.seen: dict[int, set[str]] = {}
        """Texts of passages that this page has shown."""
        self._draw, self._visits = random.Random(seed), 0
        self._profile = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
        self._profile.set_default_timeout(PATIENCE)
        url = address.split("/recordings/")[0]
        cookies = {"sessionid": session_key, "csrftoken": CSRF}
        self._profile.add_init_script(WATCH)
        self._profile.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
        self.page = self._opened()

    def _opened(self) -> Page:
        page = self._profile.new_page()
        page.on("pageerror", lambda error: self.errors.append(f"{error}\n{error.stack}"))
        self._profile.set_default_navigation_timeout(30_000)
        while True:
            with contextlib.suppress(PlaywrightError):
                page.goto(self.address)
                page.locator("#save-status, #transcript").first.wait_for(state="attached")
                if page.locator("#transcript[data-editable]").count():
                    return page
            time.sleep(0.2)  # the server is being started again

    # What it does -----------------------------------------------------------------------------------------------------

    def act(self) -> None:
        acts = [
            (self._write, 10),
            (self._split, 2),
            (self._menu, 2.5),
            (self._speaker, 1),
            (self._undo, 2),
            (self._redo, 1),
            (self._close_tab, 0.6),
        ]
        act = self._draw.choices([act for act, _ in acts], [weight for _, weight in acts])[0]
        try:
            self._decide_all()
            act()
            self.done[act.__name__.strip("_")] += 1
        except PlaywrightError:
            self.done["not possible any more"] += 1
            with contextlib.suppress(PlaywrightError):
                self.page.keyboard.press("Escape")

    def _rows(self) -> list[tuple[int, str]]:
        return self._look(SHOWN)

    def _look(self, at: str) -> list[tuple[int, str]]:
        rows = [(int(index), str(text)) for index, text in self.page.evaluate(at)]
        for index, text in rows:
            self.seen.setdefault(index, set()).add(text)
        return rows

    def _some(self) -> Locator:
        rows = self._rows()
        index = self._draw.choice(rows[:HOT] if self._draw.random() < 0.5 else rows)[0]
        return self.page.locator(f"#s{index}")

    def _write(self) -> None:
        area = self._open_field()
        self._visits += 1
        token = f"{self.name}{self._visits}x"
        value = area.input_value()
        spaces = [at for at, sign in enumerate(value) if sign == " "] or [len(value)]
        at = self._draw.choice(spaces)
        area.evaluate("(area, at) => area.setSelectionRange(at, at)", at)
        area.press_sequentially(f" {token}")
        if token in area.input_value():  # else the passage was taken away meanwhile
            self.journal.typed.add(token)
        if self._draw.random() < 0.5:
            self.page.wait_for_timeout(self._draw.choice((100, 900, 1500)))
        if self._draw.random() < 0.4:
            area.press_sequentially(" é")
        way = self._draw.random()
        if way < 0.4:
            area.press("Enter")  # and on with the next
        elif way < 0.8:
            area.press("Escape")

    def _open_field(self) -> Locator:
        row = self._some()
        row.locator(".seg-text").dblclick()
        area = row.locator("textarea")
        self._see(row, area.input_value())
        return area

    def _see(self, row: Locator, text: str) -> None:
        index = int(row.get_attribute("data-index") or -1)
        self.seen.setdefault(index, set()).add(text)

    def _split(self) -> None:
        area = self._open_field()
        value = area.input_value()
        area.evaluate("(area, at) => area.setSelectionRange(at, at)", self._draw.randint(1, max(1, len(value) - 1)))
        area.press("Control+Enter")

    def _menu(self) -> None:
        rows = self._rows()
        possible = ["Join with the one above", "Delete"] if len(rows) > 12 else []
        row = self._some()
        row.locator(".seg-more").click()
        self._look(PRESSED)
        menu = self.page.locator("#passage-menu")
        if not possible or self._draw.random() < 0.4:
            possible = ["Confirm as it is"]
        item = menu.get_by_role("menuitem", name=self._draw.choice(possible))
        if item.is_visible():
            item.click()
        else:
            self.page.keyboard.press("Escape")

    def _speaker(self) -> None:
        row = self._some()
        row.locator(".seg-more").click()
        self.page.locator("#passage-menu").get_by_role("menuitem", name="Speaker").click()
        self.page.locator("#speaker-name").fill(self._draw.choice(NAMES))
        if self._draw.random() < 0.7:
            self.page.locator("#speaker-one").check()
        self.page.keyboard.press("Enter")

    def _undo(self) -> None:
        self._press_if_possible("#undo")

    def _redo(self) -> None:
        self._press_if_possible("#redo")

    def _press_if_possible(self, selector: str) -> None:
        button = self.page.locator(selector)
        if button.is_enabled():
            button.click()

    def _close_tab(self) -> None:
        """Without a question; what is not saved is in the browser's storage."""
        self.page.close(run_before_unload=False)
        self.page = self._opened()

    # Conflicts --------------------------------------------------------------------------------------------------------

    def _decide_all(self) -> None:
        for _ in range(5):
            places = self.page.locator("[id]:has(> .conflict)")
            if not places.count():
                return
            # By its name: "the first" may be another by the time of the click, when a conflict above it is told.
            self._decide(self.page.locator(f"#{places.first.get_attribute('id')}"))

    def _decide(self, place: Locator) -> None:
        note = place.locator(".conflict")
        index = (place.get_attribute("data-index") or place.get_attribute("id") or "").rpartition("-")[2]
        field = place.locator("textarea")
        mine = field.input_value() if field.count() else place.locator(".seg-text").text_content() or ""
        if note.locator(".conflict-theirs").count():
            theirs = note.locator(".conflict-theirs").text_content()
            self.seen.setdefault(int(index), set()).add(theirs or "")
        keep = note.get_by_role("button", name="Keep mine")
        if keep.count() and self._draw.random() < 0.5:
            keep.click()
        else:
            note.get_by_role("button", name="Take theirs").or_(note.get_by_role("button", name="Let it go")).or_(
                note.get_by_role("button", name="Leave it as it was")
            ).click()
            self.journal.given_up.append(mine)

    # The end ----------------------------------------------------------------------------------------------------------

    def settle(self, seconds: float) -> bool:
        """Everything saved, every conflict decided; False when that did not come to an end."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(PlaywrightError):
                self.page.keyboard.press("Escape")
                self._decide_all()
                self._close_field()
                if self.page.evaluate(SAVE_STATUS) in {"saved", None} and not self.page.locator(".conflict").count():
                    drafts = self.page.evaluate(
                        "Object.keys(localStorage).filter((k) => k.startsWith('scripta-draft:'))"
                    )
                    if not drafts:
                        return True
            self.page.wait_for_timeout(200)
        return False

    def _close_field(self) -> None:
        """Also one that a conflict has opened, and that has the focus no more."""
        field = self.page.locator(".seg-field")
        if field.count():
            field.press("Escape")

    def shown(self, expected: list[tuple[int, str]], seconds: float) -> list[tuple[int, str]]:
        """What the page shows, as soon as that is what is expected, or after a time that is long enough for it."""
        deadline = time.monotonic() + seconds
        while (rows := self._rows()) != expected and time.monotonic() < deadline:
            self.page.wait_for_timeout(200)
        return rows

    def shown_after_reload(self) -> list[tuple[int, str]]:
        self.page.reload()
        return self._rows()

    def read_line(self, exchanges: list[Exchange]) -> None:
        """Into the journal: what went over the line for this person."""
        mine = [each for each in exchanges if each.who == self.session_key]
        for each in mine:
            self._note_seen(each)
        for each in (each for each in mine if not each.is_search):
            request = each.body["request"]
            seen = {index: self.seen.get(index, set()) for index in _named(each.body)}
            self.journal.sent.setdefault(request, Sent(each.body, seen))
            if each.status in {200, 201} and each.answer.get("edit"):
                self.journal.acknowledged[request] = each.answer["edit"]["revision"]
            elif each.status == 409 and each.answer.get("code") == "edit_conflict" and "text" in each.answer:
                told = (each.answer["index"], each.body.get("revision", 0), each.body.get("text", ""))
                self.journal.told.append(Told(*told, each.answer["text"], each.answer["revision"]))

    def _note_seen(self, exchange: Exchange) -> None:
        """One's own text, once sent, and what a search has found."""
        if exchange.is_search:
            for found in exchange.answer.get("results", []):
                self.seen.setdefault(found["index"], set()).add(found["text"])
            return
        if exchange.answer.get("code") == "edit_conflict" and exchange.answer.get("text"):
            self.seen.setdefault(exchange.answer["index"], set()).add(exchange.answer["text"])  # the page shows it
        if "text" in exchange.body:
            with contextlib.suppress(Refused):
                self.seen.setdefault(exchange.body["index"], set()).add(clean_text(exchange.body["text"]))
        if exchange.body.get("kind") == EditKind.SPLIT and exchange.answer.get("edit"):
            for index in exchange.answer["edit"]["changed"]:  # the new passage is opened to be written in
                with contextlib.suppress(Refused):
                    behind = exchange.body["text"][exchange.body["at"] :]
                    self.seen.setdefault(index, set()).add(clean_text(behind))


def _named(body: dict[str, Any]) -> list[int]:
    return [body["index"]] if "index" in body else [each["index"] for each in body.get("segments", [])]
