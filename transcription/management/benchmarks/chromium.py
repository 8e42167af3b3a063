"""Chromium, driven by Playwright: what tests and measurements of pages need, and the product does not."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
NO_CHROMIUM = "Chromium is not installed (Debian: apt-get install chromium), or set CHROMIUM to its path"
NO_PLAYWRIGHT = "Playwright is not installed: .venv/bin/pip install -r tests/requirements.txt"
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def what_is_missing() -> str:
    """What to do before a browser can be started; nothing where it can."""
    if importlib.util.find_spec("playwright") is None:
        return NO_PLAYWRIGHT
    return "" if Path(CHROMIUM).is_file() else NO_CHROMIUM


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """A browser that has seen nothing yet, started with ``flags`` beside the usual ones.

    Playwright's event loop runs meanwhile: the database cannot be asked.
    """
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- only developers have it

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            browser.close()


def microphone(sound: Path) -> tuple[str, ...]:
    """The flags of a browser whose microphone plays a WAV file over and over, and that allows it to be heard."""
    return (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={sound}",
    )


def page_bytes(browser: Browser) -> int:
    """Private memory of the page's process: of a browser with one page, that is the largest renderer."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return max(private_bytes(int(each["id"])) for each in processes if each["type"] == "renderer")


def private_bytes(pid: int) -> int:
    """As Chromium's task manager counts it on Linux: what belongs to no file, in memory or swapped out."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
    values = dict(line.split(":", 1) for line in lines)
    return sum(1024 * int(values[name].split()[0]) for name in ("RssAnon", "VmSwap"))
