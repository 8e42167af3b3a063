"""A person who speaks in a real browser, and what must be true of what was said."""

from __future__ import annotations

import functools
import re
import time

import numpy as np
from playwright.sync_api import BrowserContext, Page, expect

from tests.server import Server
from tests.settings import MODELS
from tests.sounds import speech
from transcription.speech.engines.base import Engine, EngineOptions
from transcription.speech.engines.registry import load_engine
from transcription.speech.metrics import word_errors
from transcription.speech.types import DecodeOptions, Window

RATE = 16_000
SAID = re.compile("country can do for you", re.IGNORECASE)
AT_THE_EDGES = 3
"""Words that are cut where the recording begins and ends may be read in one way or the other."""
NOTE_FRAMES = """() => {
    // What the page sends, as positions and samples, so that a test can compare it with what the server keeps.
    const send = WebSocket.prototype.send;
    window.framesSent = [];
    WebSocket.prototype.send = function (message) {
        if (message instanceof ArrayBuffer) {
            const position = Number(new DataView(message).getBigUint64(0, true));
            window.framesSent.push([position, [...new Int16Array(message.slice(8))]]);
        }
        return send.call(this, message);
    };
}"""


class Speaker:
    """A signed-in person with a microphone. Pages of it share cookies and what the browser keeps."""

    def __init__(self, server: Server, profile: BrowserContext) -> None:
        self.server, self.profile = server, profile
        self.problems: list[str] = []
        self.frames: dict[int, list[int]] = {}
        profile.add_init_script(f"({NOTE_FRAMES})()")
        self.page = self.open()

    def open(self) -> Page:
        self.page = self.profile.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.goto(f"{self.server.url}/record/")
        expect(self.page.locator("body")).to_have_attribute("data-script", "ready")
        return self.page

    def begin(self) -> None:
        """The language is told: the microphone may begin in the middle of a word, which may sound like any."""
        self.page.locator("#setup-form [name=language]").select_option("en")
        self.page.get_by_role("button", name="Record", exact=True).click()
        expect(self.page.locator("#state")).to_have_text("Recording")

    def note_frames(self) -> None:
        """Remember what this page has sent, before it goes."""
        for position, samples in self.page.evaluate("window.framesSent.splice(0)"):
            self.frames[position] = samples

    def wait_until_said(self, times: int = 1) -> None:
        """Until the sentence stands on the page so many times, as final text."""
        deadline = time.monotonic() + 90
        while len(SAID.findall(self.page.locator("#said").inner_text())) < times:
            assert time.monotonic() < deadline, self.page.locator("main").inner_text()
            self.page.wait_for_timeout(200)

    def wait_until_saved(self) -> None:
        expect(self.page.locator("#alert")).to_be_hidden(timeout=60_000)

    def stop(self) -> Page:
        """End it; the finished transcript's page, when its sound is one file."""
        self.page.get_by_role("button", name="Stop").click()
        self.page.wait_for_function("() => document.querySelector('#state').textContent === 'Finishing…'")
        self.wait_until_saved()
        self.note_frames()
        self.page.wait_for_url("**/recordings/*/", timeout=60_000)
        expect(self.page.locator("audio#media")).to_be_attached(timeout=60_000)
        return self.page

    def sound_sent(self) -> np.ndarray:
        """All that pages have sent, put together by its positions; NaN where nothing was."""
        end = max(position + len(samples) for position, samples in self.frames.items())
        sent = np.full(end, np.nan)
        for position, samples in self.frames.items():
            sent[position : position + len(samples)] = samples
        return sent

    def sound_kept(self) -> np.ndarray:
        """The recording's file, as the library has it."""
        path = self.server.data / "sound"
        path.write_bytes(self.profile.request.get(f"{self.page.url}media/").body())
        return np.round(speech(path) * 32_768)


def check_sound(speaker: Speaker, *, least: float) -> np.ndarray:
    """Every sample that was recorded is in the library: the sound."""
    sent, kept = speaker.sound_sent(), speaker.sound_kept()
    assert not np.isnan(sent).any()
    assert len(sent) / RATE >= least
    assert len(kept) == len(sent)
    assert np.abs(kept - sent).max() <= 1
    return kept


def check_complete(speaker: Speaker, *, least: float) -> None:
    """And the text is that of the sound."""
    kept = check_sound(speaker, least=least)
    text = " ".join(speaker.page.locator("#transcript .seg-text").all_text_contents())
    read = _read(kept / 32_768)
    found = word_errors(read, text)
    assert found.errors <= 0.2 * found.total + AT_THE_EDGES, (read, text)


def _read(sound: np.ndarray) -> str:
    """What the same model writes of the whole sound, sentence by sentence."""
    period = 13 * RATE
    windows = [Window(0.0, sound[begin : begin + period].astype(np.float32)) for begin in range(0, len(sound), period)]
    return " ".join(each.text for each in _engine().transcribe(windows, DecodeOptions("en", "transcribe", 5)))


@functools.cache
def _engine() -> Engine:
    return load_engine(EngineOptions(models_dir=MODELS, model="base"))
