"""A transcript of many hours: the page holds the text that is near, and that somebody is at work in."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import EMAIL
from tests.browser.editing import open_first, passage, saved
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]
SEED = """
from accounts.models import User
from tests.factories import make_recording, make_transcript
recording = make_recording(User.objects.get(email={email!r}))
transcript = make_transcript(recording, segments=3200, words=4)
transcript.segments.filter(index=2900).update(words=[[11600.0, 11601.0, " unsure", 0.1]], text="unsure")
print(recording.pk)
"""
PARTS = 16
MOST = 12
SECONDS = 4
"""Of a passage."""
INDICES = "[...document.querySelectorAll('.seg')].map((row) => Number(row.dataset.index))"


@pytest.fixture(scope="module")
def path(server: Server, signed_in) -> str:
    told = server.manage("shell", "-v", "0", "-c", SEED.format(email=EMAIL))
    return f"/recordings/{told.strip()}/"


def go_to(page: Page, index: int) -> None:
    page.evaluate(f"location.hash = '#t={SECONDS * index}'")
    expect(passage(page, index)).to_be_in_viewport()


def height(page: Page, part: int) -> float:
    return page.locator(f".part[data-part='{part}']").bounding_box()["height"]


LOAD = """for (const link of document.querySelectorAll(".part-away a")) {
    link.classList.add("pressed");
    link.click();
}"""


def load_all(page: Page) -> None:
    """As somebody does who scrolls through everything, only faster; what was left first goes again."""
    page.evaluate(LOAD)
    expect(page.locator(".part-away .pressed")).to_have_count(0)
    expect(page.locator("ol.part")).to_have_count(MOST)


def test_what_was_left_goes_and_comes_again(new_tab, path):
    page = new_tab(path)
    go_to(page, 700)
    tall = height(page, 3)
    go_to(page, 3100)
    load_all(page)
    expect(page.locator("div.part-away")).to_have_count(PARTS - MOST)
    expect(passage(page, 700)).not_to_be_attached()
    assert abs(height(page, 3) - tall) < 1
    expect(page.get_by_role("link", name="Read on at 40:00")).to_have_attribute("href", "?page=3")
    go_to(page, 700)
    indices = page.evaluate(INDICES)
    assert indices == sorted(set(indices))
    assert {600, 700, 799} <= set(indices)
    assert abs(height(page, 3) - tall) < 1


def test_what_somebody_is_at_work_in_stays(new_tab, path):
    page = new_tab(path)
    area = open_first(page)
    area.fill("Written here")
    saved(page)
    go_to(page, 3100)
    for _ in range(5):
        load_all(page)
    expect(area).to_have_value("Written here")
    area.press_sequentially(" at last")
    area.press("Escape")
    saved(page)
    page.keyboard.press("Escape")  # and leaves the passage
    go_to(page, 3000)
    for _ in range(8):
        if passage(page, 0).count():
            load_all(page)
    expect(passage(page, 0)).not_to_be_attached()
    go_to(page, 0)
    expect(passage(page, 0).locator(".seg-text")).to_have_text("Written here at last")


def test_doubtful_words_are_found_where_no_text_is(new_tab, path):
    page = new_tab(f"{path}#t=10600")
    expect(passage(page, 2650)).to_be_in_viewport()
    page.get_by_label("Underline").select_option("Only very doubtful")
    page.get_by_role("button", name="Next doubtful word").click()
    expect(page.locator(".found-doubt")).to_have_text("unsure")
    expect(page.locator(".found-doubt")).to_be_in_viewport()
    page.get_by_role("button", name="Next doubtful word").click()
    expect(page.locator("#doubt-said")).to_have_text("No further doubtful word.")


def test_a_part_that_could_not_come_is_asked_for_again(new_tab, path):
    page = new_tab(path)
    page.route("**/segments/*", lambda route: route.abort("internetdisconnected"))
    page.evaluate("document.querySelector('.part-away').scrollIntoView()")
    page.wait_for_timeout(1_000)
    expect(passage(page, 200)).not_to_be_attached()
    page.unroute("**/segments/*")
    expect(passage(page, 200)).to_be_attached()
