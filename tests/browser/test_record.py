"""A person speaks in a real browser: its microphone plays a real recording, its network and the server fail."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.speaker import SAID, check_complete, check_sound
from tests.browser.test_every_page import LOOKS, flaws, too_wide
from tests.settings import MODELS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.server,
    pytest.mark.model,
    pytest.mark.timeout(300),
    pytest.mark.parametrize(
        "server", [{"SCRIPTA_ENGINE": "faster-whisper", "SCRIPTA_MODELS": str(MODELS)}], indirect=True
    ),
]


def test_words_appear_while_speaking_and_stop_opens_the_transcript(speaker):
    speaker.begin()
    expect(speaker.page.locator("#open")).to_be_visible(timeout=60_000)
    speaker.wait_until_said()
    expect(speaker.page.locator("#saved")).to_contain_text("Saved to server 0:")
    page = speaker.stop()
    expect(page.locator("#transcript")).to_contain_text(SAID)
    check_complete(speaker, least=6)  # the words end after 7.6 s, and the microphone may play before they are recorded
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
    expect(row).to_contain_text(re.compile(r"0:(0[2-9]|1\d) kept in this browser"))
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
        row = page.locator(".unfinished-row").first
        row.get_by_text("Discard", exact=True).filter(visible=True).click()
        if row.locator("[data-confirm]").is_visible():  # some of its sound had not reached the server
            row.get_by_role("button", name="Discard for good").click()
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


@pytest.mark.parametrize("look", ["light", "narrowest"])
def test_page_has_no_flaws(server, hearing, signed_in, look):
    profile = hearing.new_context(storage_state=signed_in, permissions=["microphone"], **LOOKS[look])
    page = profile.new_page()
    page.goto(f"{server.url}/record/")
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
