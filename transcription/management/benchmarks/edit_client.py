"""A client that edits a transcript as the scripts of its page do (``static/js/editor``), and remembers what it knows.

What is typed is kept as a draft until the server has acknowledged it, is sent again by the same name while its outcome
is not known, and never goes over what somebody else has written: such a conflict is told with both texts.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, replace
from typing import Any

import lxml.html
import requests

from transcription.editing.passages import Refused, clean_text
from transcription.management.benchmarks.edit_journal import Journal, Sent, Told

CSRF = "c" * 32
AFTER = 0.15
"""Seconds after the last key: a page waits for 0.8, but its person types more slowly."""
RETRIES = (0.1, 0.2, 0.4, 0.8, 1.5)
PAUSES = (0.25, 0.5, 1.0, 2.0, 4.0)
LOOK_EVERY = 0.5
SERVER_ERROR = 500


class Passing(Exception):  # noqa: N818  (it may go by itself)
    """The outcome is not known: it may have been done."""


class Problem(Exception):  # noqa: N818  (an answer like another)
    """What the server refused; ``details`` are the problem's."""

    def __init__(self, details: dict[str, Any]) -> None:
        super().__init__(details.get("detail", ""))
        self.code, self.details = details.get("code", ""), details


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage as the page shows it."""

    index: int
    rank: float
    revision: int
    text: str
    speaker: int | None
    start: float = 0.0
    end: float = 0.0


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that the server has not acknowledged, as the browser keeps it."""

    text: str
    revision: int
    group: str
    attempt: tuple[str, str] | None = None
    """Text and request of what was sent last, and may have arrived."""
    seen: str = ""
    """The text that the person had before the eyes: for judging, no page keeps it."""


@dataclass(slots=True)
class Work:
    draft: Draft
    due: float = 0.0
    sent: str | None = None
    failures: int = 0


def plain(text: str) -> str:
    """As the server keeps it."""
    try:
        return clean_text(text)
    except Refused:
        return ""


def passages_in(root: lxml.html.HtmlElement) -> list[Shown]:
    return [
        Shown(
            int(row.get("data-index")),
            float(row.get("data-rank")),
            int(row.get("data-revision")),
            " ".join(row.find_class("seg-text")[0].text_content().split()),
            int(row.get("data-speaker")) if row.get("data-speaker") else None,
            float(row.get("data-start")),
            float(row.get("data-end")),
        )
        for row in root.find_class("seg")
    ]


class EditingClient:
    """One page in one browser; ``drafts`` are the browser's, and outlive the page. Not for several threads."""

    def __init__(self, url: str, session_key: str, recording: str, journal: Journal) -> None:
        self.url, self.recording, self.journal = url, recording, journal
        self.session = requests.Session()
        self.session.cookies.update({"sessionid": session_key, "csrftoken": CSRF})
        self.drafts: dict[int, Draft] = {}
        self.work: dict[int, Work] = {}
        self.rows: dict[int, Shown] = {}
        self.blocked: dict[int, Told] = {}
        self.saved: dict[int, Shown] = {}
        """What the field that is open has saved: from there it goes on."""
        self.speakers: dict[int, str] = {}
        self.revision = 0
        self.looked = 0.0
        self.addresses: dict[str, str] = {}

    # The line ---------------------------------------------------------------------------------------------------------

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> requests.Response:
        headers = {"X-CSRFToken": CSRF, "Accept": "application/json", "Referer": self.url}
        try:
            answer = self.session.request(method, self.url + path, json=body, headers=headers, timeout=30)
        except requests.RequestException as error:
            self.journal.cut += 1
            raise Passing from error
        if answer.status_code >= SERVER_ERROR:
            raise Passing
        return answer

    def call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Raises Passing and Problem."""
        answer = self._ask("POST", path, body)
        try:
            said: dict[str, Any] = answer.json()
        except ValueError as error:
            raise Passing from error  # cut off in the middle
        if not answer.ok:
            raise Problem(said)
        return said

    def send(self, edit: dict[str, Any], seen: dict[int, str]) -> dict[str, Any]:
        """Raises Passing and Problem."""
        self.journal.sent.setdefault(edit["request"], Sent(edit, {index: {text} for index, text in seen.items()}))
        answer = self.call(self.addresses["edits"], edit)
        if answer["edit"]:
            self.journal.acknowledged[edit["request"]] = answer["edit"]["revision"]
        self.pull()
        return answer

    # The page ---------------------------------------------------------------------------------------------------------

    def load(self) -> None:
        """Open the page, or load it again: only what the browser keeps goes on. Raises Passing."""
        answer = self._ask("GET", f"/recordings/{self.recording}/")
        root = lxml.html.document_fromstring(answer.text).get_element_by_id("transcript")
        self.addresses = {name: root.get(f"data-{name}-url") for name in ("edits", "find", "changes")}
        self.transcript, self.revision = root.get("data-id"), int(root.get("data-revision"))
        self.rows = {row.index: row for row in passages_in(root)}
        self.work, self.blocked = {}, {}
        for index, draft in list(self.drafts.items()):
            if index in self.rows and self.rows[index].text == " ".join(draft.text.split()):
                del self.drafts[index]
            else:
                self.work[index] = Work(draft)

    def pull(self) -> None:
        """Fetch what has changed, by whomever. No connection: the next one brings it."""
        self.looked = time.monotonic()
        query = f"?transcript={self.transcript}&revision={self.revision}"
        try:
            answer = self._ask("GET", self.addresses["changes"] + query)
            changes = answer.json() if answer.status_code == requests.codes.ok else None
        except (Passing, ValueError):
            return
        if changes is None:
            return
        if changes.get("reload") or changes.get("many"):
            return self.load()
        self.revision = changes["revision"]
        for index in changes["removed"]:
            self.rows.pop(index, None)
        for row in changes["rows"]:
            drawn = passages_in(lxml.html.fragment_fromstring(row["html"], create_parent="div"))
            self.rows |= {each.index: each for each in drawn}
        self.speakers = {int(number): name for number, name in changes["speakers"].items()}
        return None

    def in_order(self) -> list[Shown]:
        return sorted(self.rows.values(), key=lambda row: (row.rank, row.index))

    # What is typed ----------------------------------------------------------------------------------------------------

    def type(self, row: Shown, text: str, group: str) -> None:
        """``row`` is the passage as its field was opened."""
        known = self.work.get(row.index)
        draft = replace(known.draft, text=text) if known else Draft(text, row.revision, group, seen=row.text)
        work = known or Work(draft)
        work.draft, work.due = draft, time.monotonic() + AFTER
        self.work[row.index] = work
        self.drafts[row.index] = draft
        self.blocked.pop(row.index, None)

    def tick(self) -> None:
        """What the page does by itself, by its clocks."""
        now = time.monotonic()
        for index in [index for index, work in self.work.items() if index not in self.blocked and work.due <= now]:
            self.flush(index)
        if now - self.looked > LOOK_EVERY:
            self.pull()

    def flush(self, index: int) -> int | None:
        """Save a passage; its revision then, None where nothing was saved."""
        work = self.work.get(index)
        if work is None or index in self.blocked:
            return None
        while work.sent != work.draft.text:
            attempt = work.draft.attempt or (work.draft.text, str(uuid.uuid4()))
            self._keep(index, work, attempt=attempt)
            try:
                self._save(index, work, *attempt)
            except Passing:
                work.due = time.monotonic() + RETRIES[min(work.failures, len(RETRIES) - 1)]
                work.failures += 1
                return None
            except Problem as problem:
                self._keep(index, work, attempt=None)
                self._told(index, work, problem)
                return None
        self.forget(index)
        return work.draft.revision

    def _save(self, index: int, work: Work, text: str, request: str) -> None:
        edit = {"kind": "text", "index": index, "revision": work.draft.revision, "group": work.draft.group}
        answer = self.send(edit | {"text": text, "request": request}, {index: work.draft.seen})
        work.sent, work.failures = text, 0
        revision = answer["edit"]["revision"] if answer["edit"] else work.draft.revision
        self._keep(index, work, attempt=None, revision=revision, seen=plain(text))
        self.saved[index] = Shown(index, 0, revision, plain(text), None)

    def _keep(self, index: int, work: Work, **changed: Any) -> None:
        work.draft = replace(work.draft, **changed)
        self.drafts[index] = work.draft

    def _told(self, index: int, work: Work, problem: Problem) -> None:
        now = problem.details
        if problem.code != "edit_conflict":
            self.journal.refused += 1
            self.give_up(index)
            return
        told = Told(index, work.draft.revision, work.draft.text, now["text"], now["revision"])
        self.journal.told.append(told)
        self.blocked[index] = told

    def keep_mine(self, index: int) -> None:
        told = self.blocked.pop(index)
        if told.text is not None:
            group = str(uuid.uuid4())
            self._keep(index, self.work[index], revision=told.revision, seen=told.text, group=group, attempt=None)

    def give_up(self, index: int) -> None:
        self.journal.given_up.append(self.work[index].draft.text)
        self.forget(index)
        self.pull()

    def forget(self, index: int) -> None:
        self.work.pop(index, None)
        self.drafts.pop(index, None)
        self.blocked.pop(index, None)

    # Everything else --------------------------------------------------------------------------------------------------

    def edit(self, seen: dict[int, str], **edit: Any) -> dict[str, Any] | None:
        """An edit other than of text; what is being typed is saved before. None if it was not done, or nobody knows."""
        for index in list(self.work):
            self.flush(index)
        named = {"request": str(uuid.uuid4()), **edit}
        for pause in (*PAUSES, 0.0):
            try:
                return self.send(named, seen)
            except Problem:
                self.journal.refused += 1
                break
            except Passing:
                time.sleep(pause)
        self.pull()
        return None

    def of_passage(self, row: Shown, **edit: Any) -> dict[str, Any] | None:
        """With the revision of what the person saw of this passage, or has just written into it."""
        written = self.work[row.index].draft.text if row.index in self.work else None
        revision = self.flush(row.index)
        if row.index in self.work:
            return None  # not saved
        seen = row.text if revision is None or written is None else plain(written)
        return self.edit({row.index: seen}, index=row.index, revision=revision or row.revision, **edit)
