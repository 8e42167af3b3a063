"""A person speaks in a real browser: its microphone plays a real recording, its network and the server fail."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.test_every_page import LOOKS, flaws, too_wide
from tests.conftest import CHROMIUM, CHROMIUM_FLAGS
from tests.server import Server
from tests.settings import MODELS
from tests.sounds import silence, speech, write_sound
from transcription.speech.engines.base import EngineOptions
from transcription.speech.engines.registry import load_engine
from transcription.speech.metrics import word_errors
from transcription.speech.types import DecodeOptions, Window

pytestmark = [
    pytest.mark.browser,
    pytest.mark.server,
    pytest.mark.model,
    pytest.mark.timeout(300),
    pytest.mark.parametrize(
        "server", [{"SCRIPTA_ENGINE": "faster-whisper", "SCRIPTA_MODELS": str(MODELS)}], indirect=True
    ),
]
RATE = 16_000
SAID = re.compile("country can do for you", re.IGNORECASE)
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


@pytest.fixture(scope="module")
def hearing(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose microphone plays a sentence and two seconds of silence, over and over."""
    path = tmp_path_factory.mktemp("microphone") / "said.wav"
    write_sound(path, np.concatenate([speech(), silence(2)]), "-ar", "48000", "-c:a", "pcm_s16le")
    flags = [
        *CHROMIUM_FLAGS,
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={path}",
    ]
    chromium = browser.browser_type.launch(executable_path=CHROMIUM, headless=True, args=flags)
    yield chromium
    chromium.close()


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


@pytest.fixture
def speaker(server: Server, hearing: Browser, signed_in: Any) -> Iterator[Speaker]:
    profile = hearing.new_context(storage_state=signed_in, locale="en-GB", permissions=["microphone"])
    profile.set_default_timeout(20_000)
    person = Speaker(server, profile)
    yield person
    profile.close()
    assert person.problems == []


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
    text = " ".join(speaker.page.locator("#transcript .seg p[dir]").all_inner_texts())
    assert word_errors(_read(kept / 32_768), text).rate <= 0.2


def _read(sound: np.ndarray) -> str:
    """What the same model writes of the whole sound, sentence by sentence."""
    engine = load_engine(EngineOptions(models_dir=MODELS, model="base"))
    period = 13 * RATE
    windows = [Window(0.0, sound[begin : begin + period].astype(np.float32)) for begin in range(0, len(sound), period)]
    return " ".join(each.text for each in engine.transcribe(windows, DecodeOptions("en", "transcribe", 5)))


def test_words_appear_while_speaking_and_stop_opens_the_transcript(speaker):
    speaker.begin()
    expect(speaker.page.locator("#open")).to_be_visible(timeout=60_000)
    speaker.wait_until_said()
    expect(speaker.page.locator("#saved")).to_contain_text("Saved to server 0:")
    page = speaker.stop()
    expect(page.locator("#transcript")).to_contain_text(SAID)
    check_complete(speaker, least=8)
    page.goto(f"{speaker.server.url}/record/")
    expect(page.locator("#unfinished")).to_be_hidden()


def test_nothing_is_lost_while_the_network_is_away(speaker):
    speaker.begin()
    speaker.wait_until_said()
    speaker.profile.set_offline(True)
    expect(speaker.page.locator("#alert-words")).to_contain_text("Still recording here")
    speaker.page.wait_for_timeout(10_000)
    expect(speaker.page.locator("#alert-words")).to_contain_text(re.compile(r"0:(09|1\d) waiting"))
    speaker.profile.set_offline(False)
    speaker.wait_until_saved()
    speaker.wait_until_said(2)
    speaker.stop()
    check_complete(speaker, least=20)


def test_nothing_is_lost_when_the_tab_is_closed(speaker):
    speaker.begin()
    speaker.wait_until_said()
    speaker.profile.set_offline(True)
    speaker.page.wait_for_timeout(3_000)
    speaker.note_frames()
    speaker.page.close()
    speaker.profile.set_offline(False)
    page = speaker.open()
    row = page.locator(".unfinished-row")
    expect(row).to_contain_text("safe on the server")
    expect(row).to_contain_text(re.compile(r"0:0[2-6] kept in this browser"))
    row.get_by_role("button", name="Resume").click()
    expect(page.locator("#state")).to_have_text("Recording")
    expect(page.locator("#said")).to_contain_text(SAID)
    speaker.wait_until_said(2)
    speaker.stop()
    check_complete(speaker, least=20)


def test_what_was_left_is_saved_without_speaking_on(speaker):
    speaker.begin()
    speaker.page.wait_for_timeout(2_500)
    speaker.profile.set_offline(True)
    speaker.page.wait_for_timeout(2_000)
    speaker.note_frames()
    speaker.page.close()
    speaker.profile.set_offline(False)
    page = speaker.open()
    page.locator(".unfinished-row").get_by_role("button", name="Save").click()
    page.wait_for_function("() => window.framesSent.length > 0")
    speaker.note_frames()
    page.wait_for_url("**/recordings/*/", timeout=60_000)
    expect(page.locator("audio#media")).to_be_attached(timeout=60_000)
    check_sound(speaker, least=3)


def test_nothing_is_lost_when_the_server_is_killed(speaker):
    speaker.begin()
    speaker.wait_until_said()
    speaker.server.processes()["web"].kill()
    expect(speaker.page.locator("#alert-words")).to_contain_text("Still recording here")
    speaker.server.wait_until_ready()
    speaker.wait_until_saved()
    expect(speaker.page.locator("#said")).to_contain_text(SAID)
    speaker.wait_until_said(2)
    speaker.stop()
    check_complete(speaker, least=20)


def test_pause_stops_the_time(speaker):
    speaker.begin()
    speaker.page.wait_for_timeout(2_500)
    speaker.page.keyboard.press("Alt+k")
    expect(speaker.page.locator("#state")).to_have_text("Paused")
    speaker.page.wait_for_timeout(700)
    shown = speaker.page.locator("#time").inner_text()
    speaker.page.wait_for_timeout(1_500)
    assert speaker.page.locator("#time").inner_text() == shown
    speaker.page.get_by_role("button", name="Go on").click()
    expect(speaker.page.locator("#time")).not_to_have_text(shown)
    speaker.page.wait_for_timeout(1_500)
    speaker.stop()
    check_sound(speaker, least=3)


def test_another_tab_takes_over(speaker):
    speaker.begin()
    speaker.page.wait_for_timeout(1_500)
    first = speaker.page
    second = speaker.open()
    second.locator(".unfinished-row").get_by_role("button", name="Resume").click()
    expect(second.locator("#state")).to_have_text("Recording")
    expect(first.get_by_role("heading", name="This recording goes on in another place")).to_be_visible()
    first.close()
    speaker.stop()


def test_lost_microphone_is_told_and_another_goes_on(speaker):
    speaker.page.evaluate(
        """() => {
            const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
            navigator.mediaDevices.getUserMedia = async (wanted) => (window.stream = await ask(wanted));
        }"""
    )
    speaker.begin()
    speaker.page.wait_for_timeout(1_000)
    # Unplugged: the browser ends the track and says so.
    speaker.page.evaluate(
        "window.stream.getTracks().forEach((t) => { t.stop(); t.dispatchEvent(new Event('ended')); })"
    )
    expect(speaker.page.locator("#state")).to_have_text("Microphone lost")
    assert flaws(speaker.page) == []
    speaker.page.get_by_role("button", name="Use it").click()
    expect(speaker.page.locator("#state")).to_have_text("Recording")
    speaker.page.wait_for_timeout(1_500)
    speaker.stop()
    check_sound(speaker, least=1.5)


def test_leaving_while_recording_is_asked_about(speaker):
    speaker.begin()
    asked = []
    speaker.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    speaker.page.goto(speaker.server.url)
    assert asked == ["beforeunload"]


def test_unfinished_recording_can_be_discarded(speaker):
    speaker.begin()
    speaker.page.wait_for_timeout(1_000)
    speaker.page.close()
    page = speaker.open()
    for _ in range(page.locator(".unfinished-row").count()):
        page.locator(".unfinished-row").first.get_by_role("button", name="Discard").click()
        expect(page.get_by_text("is in the trash").first).to_be_visible()
    expect(page.locator("#unfinished")).to_be_hidden()


def test_refused_microphone_is_explained(server, browser, signed_in):
    profile = browser.new_context(storage_state=signed_in, permissions=[])
    page = profile.new_page()
    page.goto(f"{server.url}/record/")
    expect(page.locator("body")).to_have_attribute("data-script", "ready")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text(re.compile("not allowed|No microphone"))
    assert flaws(page) == []
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_enabled()
    profile.close()


@pytest.mark.parametrize("look", LOOKS)
def test_page_has_no_flaws(server, hearing, signed_in, look):
    profile = hearing.new_context(storage_state=signed_in, permissions=["microphone"], **LOOKS[look])
    page = profile.new_page()
    page.goto(f"{server.url}/record/")
    page.emulate_media(reduced_motion="reduce")
    expect(page.locator("body")).to_have_attribute("data-script", "ready")
    page.get_by_text("Title, names and more").click()
    expect(page.get_by_label("Names and terms")).to_be_visible()
    assert (flaws(page), too_wide(page)) == ([], [])
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator("#open")).to_be_visible(timeout=60_000)
    page.get_by_text("Let others follow").first.click()
    expect(page.get_by_role("button", name="Make a link")).to_be_visible()
    assert (flaws(page), too_wide(page)) == ([], [])
    page.get_by_role("button", name="Stop").click()
    page.wait_for_url("**/recordings/*/", timeout=60_000)
    profile.close()
