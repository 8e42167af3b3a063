"""Pictures of the pages for the documentation: ``python -m tests.browser.screenshots [RECORDING...]``.

Starts the whole product with the default model in an empty folder, uploads the recordings (by default those of the
tests) and writes PNG files to docs/screenshots.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.server import ROOT, Server
from transcription.management.benchmarks.chromium import chromium

FOLDER = ROOT / "docs" / "screenshots"
SAMPLES = [ROOT / "tests" / "data" / "jfk.flac", ROOT / "tests" / "data" / "LJ001-0001.flac"]
EMAIL, PASSWORD = "ada@example.org", "correct horse battery"
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
BROKEN = b"<html>Please sign in</html>"


def main(recordings: list[Path]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    models = str(ROOT / "data" / "models")
    environment = {"SCRIPTA_ENGINE": "faster-whisper", "SCRIPTA_MODELS": models}
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(Path(folder) / "data", **environment) as server,
        chromium() as browser,
    ):
        server.manage("create_user", EMAIL, given=f"{PASSWORD}\n")
        state = _fill(browser, server, recordings or SAMPLES)
        for suffix, options in (("", DESKTOP), ("-dark", DESKTOP), ("-phone", PHONE)):
            scheme = "dark" if suffix == "-dark" else "light"
            profile = browser.new_context(storage_state=state, color_scheme=scheme, locale="en-GB", **options)
            _take(profile.new_page(), server, suffix, (recordings or SAMPLES)[0].stem)


def _fill(browser: Browser, server: Server, recordings: list[Path]):
    """Sign in and upload; returns the cookies when all transcripts are ready."""
    profile = browser.new_context()
    page = profile.new_page()
    page.goto(server.url)
    page.locator("[name=username]").fill(EMAIL)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator("#files").wait_for(state="attached")
    page.wait_for_load_state("networkidle")  # what is chosen before the scripts have come is not seen by them
    broken = {"name": "Phone call.mp3", "mimeType": "audio/mpeg", "buffer": BROKEN}
    page.locator("#files").set_input_files([broken])
    page.locator(".row[data-kind=failed]").wait_for(timeout=60_000)
    page.locator("#files").set_input_files(recordings)
    page.locator(f".row[data-kind=done] >> nth={len(recordings) - 1}").wait_for(timeout=300_000)
    return profile.storage_state()


def _take(page: Page, server: Server, suffix: str, title: str) -> None:
    """The library, and the recording of that title in all its views."""
    page.goto(server.url)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"library{suffix}.png")
    page.get_by_role("link", name=title, exact=True).click()
    page.locator("#waveform canvas").first.wait_for()
    times = page.locator(".seg-time")
    times.nth(min(1, times.count() - 1)).click()
    page.wait_for_timeout(2_500)
    page.screenshot(path=FOLDER / f"recording{suffix}.png")
    _take_corrections(page, suffix)
    for name, path in (("search", "/search/?q=country"), ("storage", "/storage/")):
        page.goto(f"{server.url}{path}")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=FOLDER / f"{name}{suffix}.png")


def _take_corrections(page: Page, suffix: str) -> None:
    """A passage as a field, find and replace, captions and versions, of the recording that is open."""
    address = page.url.partition("#")[0]
    page.locator("#media").evaluate("media => media.pause()")
    page.locator(".seg-text").first.dblclick()
    page.locator("textarea.seg-field").wait_for()
    page.screenshot(path=FOLDER / f"editor{suffix}.png")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("and")
    page.locator("#replace-found li").first.wait_for()
    page.screenshot(path=FOLDER / f"replace{suffix}.png")
    for name in ("captions", "versions", "sharing"):
        page.goto(f"{address}{name}/")
        page.screenshot(path=FOLDER / f"{name}{suffix}.png")


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
