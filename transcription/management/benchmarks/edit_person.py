"""Somebody who edits at random, and as fast as the server allows, through an ``EditingClient``."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable

from transcription.management.benchmarks.edit_client import EditingClient, Passing, Problem, Shown

ODD = ("é", "ñandú", "שלום", "日本語", "👩\u200d👧", "<b>&amp;", "\u202eback", "a\u0301")
"""What people paste."""
NAMES = ("Ada", "Grace", "Radia", "Karen")
HOT = 5
"""Passages that everybody writes in, so that they meet."""
FEWEST, MOST = 12, 60
"""Passages: below, nothing is deleted or joined; above, nothing is split."""


class Person:
    """Edits until ``over`` is set; what remained unsaved is then saved by ``settle``."""

    def __init__(self, name: str, client: EditingClient, *, seed: int, pause: float, over: threading.Event) -> None:
        self.name, self.client, self.over, self.pause = name, client, over, pause
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.done: Counter[str] = Counter()
        self.error: BaseException | None = None
        self._draw = random.Random(seed)

    @property
    def acknowledged(self) -> int:
        return len(self.client.journal.acknowledged)

    def start(self) -> None:
        self._thread.start()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            self._load()
            while not self.over.is_set():
                self._act()
                self._rest(self._draw.expovariate(1 / self.pause) if self.pause else 0)
        except BaseException as error:  # noqa: BLE001 -- told by whoever waits for this thread
            self.error = error

    def settle(self, seconds: float) -> bool:
        """Save what is left and see what others wrote; False when that did not come to an end."""
        deadline = time.monotonic() + seconds
        while self.client.work and time.monotonic() < deadline:
            self._rest(0.05)
        self.client.pull()
        return not self.client.work

    # What it does -----------------------------------------------------------------------------------------------------

    def _act(self) -> None:
        rows = self.client.in_order()
        acts: list[tuple[Callable[[Shown], object], float]] = [
            (self._write, 10),
            (self._split, 2 if len(rows) < MOST else 0),
            (self._merge, 1.2 if len(rows) > FEWEST else 0),
            (self._delete, 0.6 if len(rows) > FEWEST else 0),
            (self._confirm, 1),
            (self._times, 1),
            (self._speaker, 1.5),
            (self._replace, 0.7),
            (self._undo, 2.5),
            (self._redo, 1.2),
            (self._close_tab, 0.5),
        ]
        if not rows:
            acts = [(self._undo, 1), (self._restore, 1)]
        act = self._draw.choices([act for act, _ in acts], [weight for _, weight in acts])[0]
        self.done[act.__name__.strip("_")] += 1
        act(self._some(rows) if rows else Shown(0, 0, 0, "", None))

    def _some(self, rows: list[Shown]) -> Shown:
        return self._draw.choice(rows[:HOT] if self._draw.random() < 0.5 else rows)

    def _rest(self, seconds: float) -> None:
        """As long as nothing is pressed, the page does its own."""
        end = time.monotonic() + seconds
        while True:
            self.client.tick()
            for index in list(self.client.blocked):
                self._decide(index)
            if (left := end - time.monotonic()) <= 0:
                return
            time.sleep(min(left, 0.02))

    def _decide(self, index: int) -> None:
        """Both texts are seen."""
        if self.client.blocked[index].text is None or self._draw.random() < 0.5:
            self.client.give_up(index)
        else:
            self.client.keep_mine(index)
            self.client.flush(index)

    def _write(self, row: Shown) -> None:
        """One visit to a field: written in some goes, with pauses in which the page may save."""
        pending = self.client.work.get(row.index)
        group, text = str(uuid.uuid4()), pending.draft.text if pending else row.text
        self.client.saved.pop(row.index, None)
        token = f"{self.name}{len(self.client.journal.typed)}x"
        for number in range(self._draw.randint(1, 3)):
            words = text.split()
            at = self._draw.randint(0, len(words))
            if number == 0:
                words.insert(at, token)
            elif self._draw.random() < 0.3 and len(words) > 2 and self.name not in words[at % len(words)]:
                del words[at % len(words)]  # never one's own, which may not be saved yet
            else:
                words.insert(at, self._draw.choice(ODD))
            text = " ".join(words)
            self.client.type(row, text, group)
            self._rest(self._draw.choice((0.02, 0.2)))
            if text in self.client.journal.given_up:
                break
            row = self.client.saved.get(row.index, row)  # the field goes on from what was saved of it
        self.client.journal.typed.add(token)
        if self._draw.random() < 0.8:
            self.client.flush(row.index)

    def _split(self, row: Shown) -> None:
        if row.index in self.client.work or len(row.text) < 2:
            return
        at = self._draw.randint(1, len(row.text) - 1)
        self.client.of_passage(row, kind="split", text=row.text, at=at)

    def _merge(self, row: Shown) -> None:
        self.client.of_passage(row, kind="merge")

    def _delete(self, row: Shown) -> None:
        self.client.of_passage(row, kind="delete")

    def _confirm(self, row: Shown) -> None:
        self.client.of_passage(row, kind="confirm")

    def _times(self, row: Shown) -> None:
        """Up to half a second off at either side: into a neighbour, too, which is refused."""
        start, end = (round(max(time + self._draw.uniform(-0.5, 0.5), 0.0), 2) for time in (row.start, row.end))
        self.client.of_passage(row, kind="times", start=start, end=end)

    def _undo(self, _: Shown) -> None:
        self.client.edit({}, kind="undo")

    def _redo(self, _: Shown) -> None:
        self.client.edit({}, kind="redo")

    def _restore(self, _: Shown) -> None:
        """Nobody left anything: back to what the machine wrote."""
        self.client.edit({}, kind="restore", revision=0)

    def _speaker(self, row: Shown) -> None:
        names, chance = list(self.client.speakers), self._draw.random()
        if len(names) > 1 and chance < 0.2:
            number, into = self._draw.sample(names, 2)
            self.client.edit({}, kind="merge_speakers", number=number, into=into)
        elif names and chance < 0.25:
            self.client.edit({}, kind="remove_speaker", number=self._draw.choice(names))
        elif names and chance < 0.4:
            name = f"{self._draw.choice(NAMES)} {self._draw.randint(1, 99)}"
            self.client.edit({}, kind="rename_speaker", number=self._draw.choice(names), name=name)
        else:
            self.client.edit({}, kind="assign_speaker", indexes=[row.index], name=self._draw.choice(NAMES))

    def _replace(self, row: Shown) -> None:
        words = row.text.split()
        if not words:
            return
        search = {"search": self._draw.choice(words)[:200], "replacement": self._draw.choice(words)[:200]}
        try:
            found = self.client.call(self.client.addresses["find"], search)["results"][:6]
        except (Passing, Problem):
            return
        if found:
            segments = [{"index": each["index"], "revision": each["revision"]} for each in found]
            seen = {each["index"]: each["text"] for each in found}
            self.client.edit(seen, kind="replace", segments=segments, **search)

    def _close_tab(self, _: Shown) -> None:
        """Whatever is not saved is only in the browser now; then the page is opened again."""
        self._load()

    def _load(self) -> None:
        while not self.over.is_set():
            try:
                return self.client.load()
            except Passing:
                time.sleep(0.2)
        return None
