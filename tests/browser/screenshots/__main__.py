"""Pictures of the pages for the documentation: ``python -m tests.browser.screenshots [RECORDING...]``.

Starts the whole product with the default model in an empty folder, uploads the recordings (by default those of the
tests), does with the first what people do, and writes WebP files and a page that shows them to docs/screenshots.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page

from tests.browser.screenshots.scenes import ACTS, AFTERWARDS, LOOKS, PAGES, PAGES_FOR_STRANGERS, names
from tests.server import ROOT, Server
from tests.sounds import run_ffmpeg, silence, speech, write_sound
from transcription.management.benchmarks.chromium import chromium, microphone

FOLDER = ROOT / "docs" / "screenshots"
SAMPLES = [ROOT / "tests" / "data" / "jfk.flac", ROOT / "tests" / "data" / "LJ001-0001.flac"]
EMAIL, PASSWORD = "ada@example.org", "correct horse battery"
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
BROKEN = b"<html>Please sign in</html>"


def main(recordings: list[Path]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    environment = {"SCRIPTA_ENGINE": "faster-whisper", "SCRIPTA_MODELS": str(ROOT / "data" / "models")}
    with tempfile.TemporaryDirectory() as folder:
        said = write_sound(Path(folder) / "said.wav", np.concatenate([speech(), silence(2)]), "-ar", "48000")
        data = Path(folder) / "data"
        with chromium(*microphone(said)) as browser:
            with Server(data, **environment) as server:
                server.manage("create_user", EMAIL, "--admin", given=f"{PASSWORD}\n")
                _run(server, f"prepare(email={EMAIL!r})")
                cookies = _upload(browser, server, recordings)
            # Without workers, what is being done stays as it is.
            with Server(data, "--workers", "0", SCRIPTA_OPEN_SIGNUP="1", **environment) as server:
                made = _run(server, f"fill(email={EMAIL!r}, title={recordings[0].stem!r})")
                Camera(browser, server, cookies, json.loads(made.splitlines()[-1])).take_all()
    (FOLDER / "README.md").write_text(_gallery())


def _run(server: Server, call: str) -> str:
    """A call of the module ``example``; what it prints."""
    return server.manage("shell", "-v", "0", "-c", f"from tests.browser.screenshots import example; example.{call}")


def _upload(browser: Browser, server: Server, recordings: list[Path]):
    """Sign in and upload; returns the cookies when all transcripts are ready."""
    profile = browser.new_context()
    page = profile.new_page()
    page.goto(server.url)
    page.locator("[name=username]").fill(EMAIL)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator("#files").wait_for(state="attached")
    broken = {"name": "Phone call.mp3", "mimeType": "audio/mpeg", "buffer": BROKEN}
    page.locator("#files").set_input_files([broken])
    page.locator(".row[data-kind=failed]").wait_for(timeout=60_000)
    page.locator("#files").set_input_files(recordings)
    page.locator(f".row[data-kind=done] >> nth={len(recordings) - 1}").wait_for(timeout=300_000)
    return profile.storage_state()


class Camera:
    """Takes every scene in every look. ``places`` are what addresses of scenes are completed with."""

    def __init__(self, browser: Browser, server: Server, cookies, places: dict[str, str]) -> None:
        self.browser, self.server, self.cookies, self.places = browser, server, cookies, places

    def take_all(self) -> None:
        for look in LOOKS:
            _run(self.server, f"refresh(email={EMAIL!r})")
            page = self._open(look, signed_in=False)
            for name, path in PAGES_FOR_STRANGERS.items():
                self._take(page, name + look, path)
            page.context.close()
            page = self._open(look, signed_in=True)
            for name, path in PAGES.items():
                self._take(page, name + look, path)
            for name, (path, act) in ACTS.items():
                self._take(page, name + look, path, act)
                AFTERWARDS.get(name, lambda _: None)(page)
            page.context.close()

    def _open(self, look: str, *, signed_in: bool) -> Page:
        options = PHONE if look == "-phone" else DESKTOP
        scheme = "dark" if look == "-dark" else "light"
        cookies = self.cookies if signed_in else None
        profile = self.browser.new_context(storage_state=cookies, color_scheme=scheme, locale="en-GB", **options)
        profile.grant_permissions(["microphone"])
        page = profile.new_page()
        page.emulate_media(reduced_motion="reduce")
        return page

    def _take(self, page: Page, name: str, path: str, act=lambda _: None) -> None:
        page.goto(f"{self.server.url}{path.format(**self.places)}")
        page.wait_for_load_state("load" if path.startswith("/watch/") else "networkidle")
        act(page)
        page.wait_for_timeout(400)
        png = FOLDER / f"{name}.png"
        page.screenshot(path=png)
        run_ffmpeg("-i", png, "-c:v", "libwebp", "-lossless", "1", "-compression_level", "6", png.with_suffix(".webp"))
        png.unlink()


def _gallery() -> str:
    lines = [
        "# All pages",
        "",
        "Drawn by `make screenshots`: each in light and dark, and on a telephone.",
    ]
    for name in names():
        shown = [f'<img src="{name}{look}.webp" alt="" height="260">' for look in LOOKS]
        lines += ["", f"## {name.replace('-', ' ').capitalize()}", "", *shown]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]] or SAMPLES)
