"""What the record page shows, asks and says. The server's side of the live socket is played by the tests."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from tests.browser.network import intercept
from tests.browser.test_every_page import flaws

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(120)]

KEEP = """([owner, id, seconds]) => new Promise((resolve) => {
    const request = indexedDB.open("scripta-live", 1);
    request.onsuccess = () => {
        const transaction = request.result.transaction(["recordings", "sound"], "readwrite");
        transaction.objectStore("recordings").put({ id, owner, title: "Talk", begun: 1 });
        transaction.objectStore("sound").put({ id, position: 0, samples: new Int16Array(16000 * seconds).buffer });
        transaction.oncomplete = () => (request.result.close(), resolve());
    };
})"""
NOTE_STREAM = """() => {
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => (window.stream = await ask(wanted));
}"""
NOTE_WORDS = """() => {
    window.announced = [];
    const place = document.querySelector("#announce");
    new MutationObserver(() => window.announced.push(place.textContent)).observe(place, { childList: true });
}"""


class Desk:
    """Welcomes whoever speaks, while it is open."""

    def __init__(self, profile: BrowserContext) -> None:
        self.sockets: list[WebSocketRoute] = []
        self.is_open = True
        profile.route_web_socket(re.compile("/ws/live/"), self._welcome)

    def _welcome(self, socket: WebSocketRoute) -> None:
        if not self.is_open:
            socket.close(code=1012)
            return
        self.sockets.append(socket)
        self.say(type="ready", received=0, captions="live", segments=[])

    def say(self, **message: Any) -> None:
        self.sockets[-1].send(json.dumps(message))

    def refuse(self, closed: int, **error: Any) -> None:
        self.say(type="error", retry=False, **error)
        self.sockets[-1].close(code=closed)


@pytest.fixture
def desk(speaking: BrowserContext) -> Desk:
    return Desk(speaking)


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id")


def test_muted_microphone_is_told_for_as_long_as_it_is(desk, speaker):
    page = speaker.page
    page.evaluate(NOTE_STREAM)
    speaker.begin()
    page.evaluate("Object.defineProperty(window.stream.getAudioTracks()[0], 'muted', { value: true, writable: true })")
    expect(page.locator("#alert-words")).to_contain_text("The microphone is muted")
    page.wait_for_timeout(700)
    expect(page.locator("#alert")).to_be_visible()
    expect(page.locator("#announce")).to_contain_text("The microphone is muted")
    page.evaluate("window.stream.getAudioTracks()[0].muted = false")
    expect(page.locator("#alert")).to_be_hidden()


def test_microphone_that_gives_no_sound_is_told(desk, speaker):
    speaker.page.evaluate(
        """() => {
            const Context = window.AudioContext;
            window.AudioContext = function (options) {
                return (window.context = new Context(options));
            };
        }"""
    )
    speaker.begin()
    speaker.page.evaluate("() => { window.context.resume = async () => {}; return window.context.suspend(); }")
    expect(speaker.page.locator("#alert-words")).to_contain_text("The system has stopped the microphone")


def test_tab_that_is_no_longer_shared_can_be_shared_again(desk, speaker):
    page = speaker.page
    page.evaluate(
        """() => {
            const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
            navigator.mediaDevices.getDisplayMedia = async () => (window.stream = await ask({ audio: true }));
        }"""
    )
    page.get_by_label("A browser tab").check()
    speaker.begin()
    page.evaluate("window.stream.getTracks().forEach((t) => { t.stop(); t.dispatchEvent(new Event('ended')); })")
    expect(page.locator("#state")).to_have_text("Sharing ended")
    expect(page.locator("#alert-words")).to_contain_text("The tab is no longer shared")
    before = page.locator("#other-device option").count()
    page.evaluate(
        """async () => {
            const found = await navigator.mediaDevices.enumerateDevices();
            const plugged = { kind: "audioinput", deviceId: "new", label: "Plugged in" };
            navigator.mediaDevices.enumerateDevices = async () => [...found, plugged];
            navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
        }"""
    )
    expect(page.locator("#other-device option")).to_have_count(before + 1)
    page.get_by_role("button", name="Share a tab again").click()
    expect(page.locator("#state")).to_have_text("Recording")
    expect(page.locator("#alert")).to_be_hidden()


def test_lost_connection_is_said_once(desk, speaker):
    page = speaker.page
    speaker.begin()
    page.evaluate(NOTE_WORDS)
    desk.is_open = False
    desk.sockets[-1].close(code=1012)
    expect(page.locator("#alert-words")).to_contain_text(re.compile("Still recording here – 0:(0[3-9]|1\\d) waiting"))
    desk.is_open = True
    expect(page.locator("#alert")).to_be_hidden()
    assert page.evaluate("window.announced") == ["Reconnecting. Still recording here", "Connected again."]


def test_place_of_the_text_says_what_is_awaited(desk, speaker):
    page, empty = speaker.page, speaker.page.locator("#empty")
    speaker.begin()
    expect(empty).to_contain_text("Listening.")
    page.get_by_role("button", name="Pause").click()
    expect(empty).to_contain_text("Paused.")
    page.get_by_role("button", name="Go on").click()
    expect(empty).to_contain_text("Listening.")
    desk.is_open = False
    desk.sockets[-1].close(code=1012)
    expect(empty).to_contain_text("Waiting for the connection.")
    desk.is_open = True
    expect(empty).to_contain_text("Listening.")
    desk.say(type="error", code="captions_later", message="Later.", retry=False)
    expect(page.locator("#later")).to_be_visible()
    expect(empty).to_be_hidden()


def test_failure_says_why_and_lets_one_go_on(desk, speaker):
    page = speaker.page
    speaker.begin()
    assert focused(page) == "pause"
    page.wait_for_timeout(1_500)
    desk.refuse(4401, code="not_signed_in", message="Please sign in.")
    expect(page.get_by_role("heading", name="You are signed out")).to_be_focused()
    expect(page.locator("#trouble-safe")).to_have_text(re.compile(r"Your audio is safe: .*0:0\d in this browser\."))
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download what was not sent").click()
    assert saved.value.suggested_filename == "recording (rest).wav"
    assert flaws(page) == []
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#state")).to_have_text("Recording")
    expect(page.locator("#trouble")).to_be_hidden()
    assert focused(page) == "pause"
    assert len(desk.sockets) == 2


def test_rest_can_be_downloaded_while_the_server_stays_away(desk, speaker):
    page = speaker.page
    speaker.begin()
    page.wait_for_timeout(1_000)
    desk.is_open = False
    desk.sockets[-1].close(code=1012)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#state")).to_be_focused()
    expect(page.locator("#alert-words")).to_contain_text("Keep this page open")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download it").click()
    assert saved.value.path().stat().st_size > 16_000


def test_preview_comes_back(desk, speaker):
    """After the sound of a tab was chosen and left again, and after a recording that could not begin."""
    page, words = speaker.page, speaker.page.locator("#level-words")
    expect(words).to_have_text("Your microphone works.")
    page.get_by_label("A browser tab").check()
    page.get_by_label("Microphone", exact=True).first.check()
    expect(words).to_have_text(re.compile("Say something|Your microphone works"))
    page.wait_for_function("() => Number(document.querySelector('#level').style.getPropertyValue('--level')) > 0.1")
    refusal = {"code": "too_many_unfinished", "detail": "End one of them first."}
    intercept(page, "**/api/v1/live/", lambda route: route.fulfill(status=409, json=refusal))
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("End one of them first.")
    expect(words).to_have_text(re.compile("Say something|Your microphone works"))
    page.wait_for_function("() => Number(document.querySelector('#level').style.getPropertyValue('--level')) > 0.1")
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_focused()


def test_nothing_follows_the_end_before_recording(desk, speaker):
    page = speaker.page
    page.set_viewport_size({"width": 360, "height": 300})
    page.wait_for_timeout(300)
    assert page.evaluate("scrollY") == 0
    page.evaluate("scrollTo(0, 40)")
    page.wait_for_timeout(200)
    expect(page.locator("#to-live")).to_be_hidden()


def test_resume_pressed_twice_connects_once(desk, speaker):
    speaker.begin()
    page = speaker.open()
    page.locator(".unfinished-row").first.get_by_role("button", name="Resume").dblclick()
    expect(page.locator("#state")).to_have_text("Recording")
    page.wait_for_timeout(500)
    assert len(desk.sockets) == 2


@pytest.mark.parametrize("is_known", [True, False])
def test_sound_that_only_the_browser_has_is_not_discarded_without_asking(desk, speaker, is_known):
    page = speaker.page
    speaker.begin()
    recording = desk.sockets[-1].url.split("/ws/live/")[1].split("/")[0]
    page.close()
    page = speaker.open()
    name = recording if is_known else "gone"
    page.evaluate(KEEP, [page.locator("body").get_attribute("data-owner"), name, 5])
    page.reload()
    row = page.locator(f".unfinished-row[data-id='{name}']")
    row.locator("summary").click()
    expect(row).to_contain_text("cannot be brought back")
    assert flaws(page) == []
    row.get_by_role("button", name="Discard for good").click()
    expect(row).to_have_count(0)
    page.reload()
    expect(page.locator("body")).to_have_attribute("data-script", "ready")
    expect(row).to_have_count(0)
