"""A recording's page in a real browser: reading and hearing belong together."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import EMAIL
from tests.server import Server
from tests.sounds import JFK, convert

pytestmark = [
    pytest.mark.browser,
    pytest.mark.server,
    pytest.mark.parametrize("server", [{"SCRIPTA_MODEL": "1.5"}], indirect=True),
]
SEED = """
from pathlib import Path
from django.conf import settings
from accounts.models import User
from tests.factories import make_media, make_recording, make_transcript, make_user
from transcription.services.recordings import rename_recording, save_waveform
settings.UPLOADS.mkdir(exist_ok=True)
owner = User.objects.get(email={email!r})
short = make_media(owner, folder=settings.UPLOADS)
rename_recording(recording=short, title="Short")
save_waveform(recording_id=short.pk, peaks=bytes(range(0, 250)), seconds=short.duration)
make_transcript(short, segments=2)
long = make_media(owner, source=Path({source!r}), folder=settings.UPLOADS)
make_transcript(long, segments=1000, words=8)
other = make_recording(make_user("eve@example.org"), title="Not yours")
print(short.pk, long.pk, other.pk)
"""


@pytest.fixture(scope="module")
def ids(server: Server, signed_in, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Recordings: 10 s with two passages, 4,000 s with a thousand, and one of somebody else."""
    source = convert(JFK, tmp_path_factory.mktemp("long") / "long.flac", "-ar", "8000", "-af", "apad=whole_dur=4000")
    told = server.manage("shell", "-v", "0", "-c", SEED.format(email=EMAIL, source=str(source)))
    return dict(zip(("short", "long", "other"), told.split(), strict=True))


@pytest.fixture
def short(new_tab, ids) -> Page:
    page = new_tab(f"/recordings/{ids['short']}/")
    page.wait_for_function("() => document.querySelector('#media').readyState >= 1")
    return page


@pytest.fixture
def long(new_tab, ids) -> Page:
    return new_tab(f"/recordings/{ids['long']}/")


def time_of(page: Page) -> float:
    return page.evaluate("document.querySelector('#media').currentTime")


def is_paused(page: Page) -> bool:
    return page.evaluate("document.querySelector('#media').paused")


def spoken(page: Page) -> list[str]:
    return page.evaluate("[...CSS.highlights.get('spoken')].map((range) => range.toString())")


def test_click_on_a_word_goes_there(short):
    short.locator("#s1 .seg-text").hover()  # which makes its words something to press
    short.get_by_text("word1.2").click()
    assert time_of(short) == pytest.approx(5.2, abs=0.01)
    assert is_paused(short)
    assert spoken(short) == ["word1.2"]
    expect(short.locator("#time-now")).to_have_text("0:05")


def test_words_are_marked_while_they_are_spoken(short):
    short.locator(".seg-time").first.click()
    assert not is_paused(short)
    short.wait_for_function("() => [...CSS.highlights.get('spoken')][0]?.toString() === 'word0.3'", polling=50)
    now = time_of(short)
    assert 1.7 <= now < 2.9
    expect(short.locator(".seg.current")).to_contain_text("word0.0")
    short.get_by_role("button", name="Pause").click()
    assert short.url.endswith("#t=0.00")


def test_controls_of_the_player(short):
    short.get_by_role("button", name="Forward 5 seconds").click()
    assert time_of(short) == pytest.approx(5, abs=0.01)
    short.get_by_role("button", name="Back 5 seconds").click()
    assert time_of(short) == 0
    short.get_by_label("Speed").select_option("1.5")
    assert short.evaluate("document.querySelector('#media').playbackRate") == 1.5
    slider = short.get_by_role("slider", name="Position")
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "5 seconds of 9 seconds")
    slider.press("Home")
    assert time_of(short) == 0
    short.reload()
    expect(short.get_by_label("Speed")).to_have_value("1.5")


def test_waveform_comes_from_the_server_and_seeks(short):
    waves = short.locator("#waveform canvas")
    expect(waves.first).to_be_visible()
    box = short.locator("#waveform").bounding_box()
    short.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert time_of(short) == pytest.approx(4.83, abs=0.2)


def test_keys(short):
    short.keyboard.press("Space")
    assert not is_paused(short)
    short.keyboard.press("Alt+KeyK")
    assert is_paused(short)
    short.keyboard.press("Alt+KeyL")
    assert time_of(short) > 4.9
    short.keyboard.press("Alt+KeyJ")
    assert time_of(short) < 1
    short.keyboard.press("Alt+Equal")
    expect(short.get_by_label("Speed")).to_have_value("1.25")
    short.keyboard.press("Alt+Minus")
    expect(short.get_by_label("Speed")).to_have_value("1")
    short.keyboard.press("ArrowDown")
    short.keyboard.press("ArrowDown")
    expect(short.locator(".seg").nth(1)).to_be_focused()
    short.keyboard.press("Alt+KeyR")
    short.wait_for_function("() => document.querySelector('#media').currentTime >= 4")
    short.keyboard.press("Alt+KeyK")
    short.keyboard.press("ArrowUp")
    expect(short.locator(".seg").nth(0)).to_be_focused()
    short.keyboard.press("Escape")
    expect(short.locator(".seg").nth(0)).not_to_be_focused()


def test_keys_do_nothing_while_typing(short):
    short.get_by_label("Rename").click()
    title = short.get_by_label("Title")
    expect(title).to_be_focused()
    title.press("End")
    short.keyboard.type(" n?")
    expect(title).to_have_value("Short n?")
    assert is_paused(short)
    expect(short.get_by_role("dialog")).to_have_count(0)
    short.keyboard.press("Escape")
    expect(title).to_be_hidden()
    expect(short.get_by_label("Rename")).to_be_focused()


def test_single_keys_can_be_switched_off(short):
    short.keyboard.press("?")
    help_sheet = short.get_by_role("dialog", name="Keyboard shortcuts")
    expect(help_sheet).to_be_visible()
    help_sheet.get_by_label("Shortcuts of a single key").uncheck()
    short.keyboard.press("Escape")
    expect(help_sheet).to_be_hidden()
    short.reload()
    short.keyboard.press("Space")
    assert is_paused(short)
    short.keyboard.press("Alt+KeyK")
    assert not is_paused(short)


def test_doubtful_words_one_after_the_other(short):
    short.keyboard.press("n")
    expect(short.locator(".found-doubt")).to_have_text("word0.0")
    short.keyboard.press("n")
    expect(short.locator(".found-doubt")).to_have_text("word1.0")
    expect(short.locator("#doubt-said")).to_have_text("Doubtful: word1.0, at 0:04")
    short.keyboard.press("Shift+N")
    expect(short.locator(".found-doubt")).to_have_text("word0.0")
    underlined = "getComputedStyle(document.querySelector('.doubt1')).textDecorationLine"
    assert short.evaluate(underlined) == "underline"
    short.get_by_label("Underline").select_option("Underline nothing")
    assert short.evaluate(underlined) == "none"


def test_follow_stops_when_the_reader_scrolls(long):
    long.locator(".seg-time").first.click()
    follow = long.get_by_role("button", name="Follow")
    expect(follow).to_have_attribute("aria-pressed", "true")
    long.mouse.move(600, 400)
    long.mouse.wheel(0, 3000)
    expect(follow).to_have_attribute("aria-pressed", "false")
    back = long.get_by_role("button", name="Back to playback")
    expect(back).to_be_visible()
    back.click()
    expect(follow).to_have_attribute("aria-pressed", "true")
    expect(back).to_be_hidden()
    expect(long.locator(".seg.current")).to_be_in_viewport()


def test_follow_scrolls_while_playing(long):
    long.locator(".seg-time").first.click()
    long.evaluate("document.querySelector('#media').currentTime = 200")
    expect(long.locator("#s50")).to_be_in_viewport()
    expect(long.locator("#s50")).to_have_class(re.compile("current"))


def test_long_transcript_loads_what_is_reached(long, new_tab, ids):
    assert long.locator(".seg").count() == 100
    long.locator("#s99").scroll_into_view_if_needed()
    expect(long.locator("#s199")).to_be_attached()
    assert long.locator(".seg").count() == 200

    jumped = new_tab(f"/recordings/{ids['long']}/#t=3000")
    expect(jumped.locator("#s750")).to_be_in_viewport()
    jumped.wait_for_function("() => document.querySelector('#media').currentTime === 3000")
    loaded = [
        int(index) for index in jumped.evaluate("[...document.querySelectorAll('.seg')].map((s) => s.dataset.index)")
    ]
    assert loaded == sorted(set(loaded))
    assert {0, 700, 799} <= set(loaded)
    jumped.evaluate("document.querySelector('#media').currentTime = 1700")
    jumped.get_by_role("button", name="Play").click()
    expect(jumped.locator("#s425")).to_be_in_viewport()


def test_page_can_be_read_without_javascript(new_tab, ids):
    page = new_tab(f"/recordings/{ids['long']}/", java_script_enabled=False)
    expect(page.get_by_text("word0.3")).to_be_visible()
    page.get_by_role("link", name="Read on at 26:40").click()
    expect(page.get_by_text("word400.0")).to_be_visible()
    expect(page.locator("audio")).to_be_visible()


def test_export_is_a_file(short):
    short.locator("summary", has_text="Export").click()
    with short.expect_download() as download:
        short.get_by_role("link", name="SubRip captions").click()
    assert download.value.suggested_filename == "Short.srt"
    assert Path(download.value.path()).read_text().splitlines()[:2] == ["1", "00:00:00,000 --> 00:00:03,500"]


def test_renamed_and_deleted_on_its_page(tab, tmp_path):
    talk = tmp_path / "to be deleted.flac"
    talk.write_bytes(JFK.read_bytes())
    tab.locator("#files").set_input_files(talk)
    tab.get_by_role("link", name="to be deleted").click()
    tab.get_by_label("Rename").click()
    tab.get_by_label("Title").fill("Renamed here")
    tab.get_by_role("button", name="Save").click()
    expect(tab.get_by_role("heading", name="Renamed here")).to_be_visible()
    tab.get_by_label("More", exact=True).click()
    tab.get_by_role("button", name="Delete").click()
    expect(tab.get_by_text("“Renamed here” is in the trash.")).to_be_visible()
    tab.get_by_role("button", name="Undo").click()
    expect(tab.locator("#rows").get_by_role("link", name="Renamed here")).to_be_visible()


def test_transcribed_again_makes_a_new_version(tab, tmp_path):
    talk = tmp_path / "twice.flac"
    talk.write_bytes(JFK.read_bytes())
    tab.locator("#files").set_input_files(talk)
    tab.get_by_role("link", name="twice").click()
    expect(tab.locator(".seg").first).to_be_visible(timeout=20_000)
    expect(tab.locator("#job-status[data-kind='done']")).to_be_attached(timeout=20_000)
    tab.get_by_label("More", exact=True).click()
    tab.get_by_role("button", name="Transcribe again…").click()
    tab.get_by_label("Language spoken").select_option("de")
    tab.get_by_role("button", name="Transcribe", exact=True).click()
    expect(tab.locator("#recording-meta")).to_contain_text("German", timeout=20_000)
    expect(tab.locator("#transcript")).to_have_attribute("data-version", "2")


def test_recording_of_somebody_else_is_not_found(server, browser, signed_in, ids):
    profile = browser.new_context(storage_state=signed_in)
    page = profile.new_page()
    answer = page.goto(f"{server.url}/recordings/{ids['other']}/")
    assert answer.status == 404
    expect(page.get_by_role("heading", name="Page not found")).to_be_visible()
    profile.close()
