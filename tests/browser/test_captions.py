"""Captions in a real browser: brought in, looked through, followed back to the sound, and made a video of."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import EMAIL
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]
SEED = """
from django.conf import settings
from accounts.models import User
from tests.factories import make_media
settings.UPLOADS.mkdir(exist_ok=True)
print(make_media(User.objects.get(email={email!r}), folder=settings.UPLOADS).pk)
"""
SRT = """1
00:00:01,000 --> 00:00:05,000
Printing, in the only sense
with which we are at present concerned,

2
00:00:06,500 --> 00:00:07,000
differs
"""


@pytest.fixture(scope="module")
def talk(server: Server, signed_in) -> str:
    return server.manage("shell", "-v", "0", "-c", SEED.format(email=EMAIL)).strip()


def test_captions_from_a_file_to_a_video(new_tab, talk, tmp_path):
    file = tmp_path / "Überschrift.srt"
    file.write_text(SRT)
    page = new_tab(f"/recordings/{talk}/")
    page.get_by_label("More", exact=True).click()
    page.get_by_role("button", name="Import captions…").click()
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_text("2 captions were imported as version 1.")).to_be_visible()
    expect(page.locator(".seg")).to_have_count(2)

    page.locator("summary", has_text="Export").click()
    page.get_by_role("link", name="Preview captions").click()
    expect(page.locator(".cue")).to_have_count(2)
    expect(page.locator(".cue-problems")).to_have_text(["The caption is shown for 0.50 s; it needs at least 1 s."])
    page.get_by_role("link", name="With problems").click()
    expect(page.locator(".cue")).to_have_count(1)

    page.get_by_role("button", name="Make the video").click()
    expect(page.get_by_text("MP4")).to_be_visible(timeout=60_000)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "LJ001-0001.mp4"
    assert Path(download.value.path()).read_bytes()[4:8] == b"ftyp"

    page.get_by_role("link", name="Go to 0:06").click()
    expect(page.locator(".seg.current")).to_contain_text("differs")


def test_choices_of_an_export(new_tab, talk):
    page = new_tab(f"/recordings/{talk}/")
    page.locator("summary", has_text="Export").click()
    page.get_by_text("Choose what is in it").click()
    page.get_by_label("Format").select_option("csv")
    page.get_by_label("Times").uncheck()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save").filter(visible=True).click()
    assert download.value.suggested_filename == "LJ001-0001.csv"
    assert Path(download.value.path()).read_text("utf-8-sig").splitlines()[0] == "speaker,language,text"
