"""A folder that is looked at again and again."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from django.db import InterfaceError, OperationalError, close_old_connections

from accounts.models import User
from transcription.errors import ScriptaError
from transcription.models import WatchedFile
from transcription.services import folders
from transcription.services.folders import Found
from transcription.services.jobs import JobOptions
from transcription.speech.errors import SpeechError

DONE = ("move", "delete", "keep")
IMPORTED = "imported"
"""The folder, in the watched one, for files that were imported."""
POLL_SECONDS = 2.0
RETRY_SECONDS = 60.0
"""Before a file that could not be taken, because there is no room or it cannot be read, is tried again."""
PARTIAL = (".part", ".partial", ".crdownload", ".download", ".tmp", "~")
"""Endings of files that programs have not finished."""


@dataclass
class FolderWatch:
    """``settle``: seconds without a change after which a file is complete. Messages go to ``say`` and ``complain``."""

    folder: Path
    owner: User
    options: JobOptions
    done: str
    settle: float
    say: Callable[[str], object]
    complain: Callable[[str], object]
    _told: set[tuple[Found, str]] = field(default_factory=set, init=False)
    _later: dict[Found, float] = field(default_factory=dict, init=False)

    def run(self) -> None:
        while True:
            try:
                self.look()
            except (OperationalError, InterfaceError) as error:
                self.complain(f"The database did not answer ({type(error).__name__}); trying again.")
            except OSError as error:
                self.complain(f"{self.folder}: {error.strerror}")
            close_old_connections()
            time.sleep(POLL_SECONDS)

    def look(self) -> None:
        """Take all that is complete now."""
        found = list(self._complete())
        self._later = {file: at for file, at in self._later.items() if file in found}
        self._told = {(file, problem) for file, problem in self._told if file in found}
        for file in found:
            if time.monotonic() >= self._later.get(file, 0.0):
                self._take(file)

    def _complete(self) -> Iterator[Found]:
        """Regular files only: a link may lead anywhere."""
        now = time.time()
        for entry in sorted(os.scandir(self.folder), key=lambda entry: entry.name):
            if entry.name.startswith(".") or entry.name.lower().endswith(PARTIAL):
                continue
            try:
                told = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            changed = max(told.st_mtime, told.st_ctime)
            if stat.S_ISREG(told.st_mode) and told.st_size and not 0 <= now - changed < self.settle:
                yield Found(Path(entry.path), told.st_size, told.st_mtime_ns)

    def _take(self, file: Found) -> None:
        try:
            row = folders.known_file(owner=self.owner, found=file)
            if row is None:
                row = folders.import_file(owner=self.owner, found=file, options=self.options)
                self.say(f"{file.path.name}: recording {row.recording_id}")
            if not row.problem:
                self._put_away(file, row)
        except (SpeechError, ScriptaError) as error:
            self._put_off(file, error.message)
        except OSError as error:
            self._put_off(file, error.strerror or str(error))

    def _put_off(self, file: Found, problem: str) -> None:
        """Said once, however often it happens."""
        self._later[file] = time.monotonic() + RETRY_SECONDS
        if (file, problem) not in self._told:
            self._told.add((file, problem))
            self.complain(f"{file.path.name}: {problem}")

    def _put_away(self, file: Found, row: WatchedFile) -> None:
        if self.done == "keep":
            return
        if self.done == "move":
            target = self.folder / IMPORTED
            target.mkdir(exist_ok=True)
            file.path.rename(_free_name(target / file.path.name))
        else:
            file.path.unlink()
        folders.forget_file(row=row)


def _free_name(path: Path) -> Path:
    """Nothing that lies there already is overwritten."""
    numbered = (path.with_name(f"{path.stem} ({number}){path.suffix}") for number in count(2))
    return path if not path.exists() else next(each for each in numbered if not each.exists())
