"""Saying when a passage is spoken, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.editing import Text, open_first, passage
from tests.browser.test_every_page import LOOKS, flaws, too_wide

pytestmark = [pytest.mark.browser, pytest.mark.server]
TIMES = 'SELECT start, "end" FROM transcription_transcriptsegment WHERE transcript_id = %s ORDER BY rank'


def times(text: Text) -> list[tuple[float, float]]:
    return text.server.query(TIMES, text.transcript)


def ask(page: Page, index: int) -> None:
    for _ in range(index + 1):
        page.keyboard.press("ArrowDown")
    expect(passage(page, index)).to_be_focused()
    page.keyboard.press("w")
    expect(page.locator("#times-dialog")).to_be_visible()


def shows(page: Page, index: int, start: str, end: str) -> None:
    expect(passage(page, index)).to_have_attribute("data-start", start)
    expect(passage(page, index)).to_have_attribute("data-end", end)


def spoken_at(page: Page, time: float) -> str:
    """The word that is marked when the player is there."""
    page.evaluate(
        """(time) => new Promise((done) => {
            const media = document.querySelector("#media");
            media.addEventListener("seeked", done, { once: true });
            media.currentTime = time;
        })""",
        time,
    )
    return page.evaluate("[...CSS.highlights.get('spoken')].map(String).join()")


def test_times_are_changed_and_undone_by_keyboard_alone(new_tab, text):
    page = new_tab(text.path)
    ask(page, 1)
    expect(page.locator("#times-start")).to_be_focused()
    expect(page.locator("#times-start")).to_have_value("0:04.00")
    page.keyboard.type("3.25")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#times-end")).to_be_focused()
    page.keyboard.type("0:05,2")
    page.keyboard.press("Enter")
    expect(page.locator("#times-dialog")).to_be_hidden()
    shows(page, 1, "3.25", "5.20")
    expect(passage(page, 1)).to_be_focused()
    expect(page.locator(".toast")).to_contain_text("Spoken from 0:03.25 to 0:05.20 now.")
    assert times(text) == [(0.0, 3.0), (3.25, 5.2), (8.0, 11.0)]
    assert spoken_at(page, 5.1) == "word1.4"

    page.keyboard.press("Control+z")
    shows(page, 1, "4.00", "7.00")
    expect(passage(page, 1)).to_be_focused()
    assert spoken_at(page, 5.1) == "word1.1"
    page.keyboard.press("Control+Shift+Z")
    shows(page, 1, "3.25", "5.20")
    assert times(text) == [(0.0, 3.0), (3.25, 5.2), (8.0, 11.0)]

    page.keyboard.press("?")
    expect(page.get_by_text("Say when the passage is spoken")).to_be_visible()


def test_what_is_wrong_with_a_time_stands_beside_it(new_tab, text):
    page = new_tab(text.path)
    ask(page, 1)
    page.keyboard.type("soon")
    page.keyboard.press("Enter")
    expect(page.locator("#times-start-problem")).to_have_text("Write a time as 1:02.5, or in seconds.")
    expect(page.locator("#times-start")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#times-start")).to_be_focused()
    page.keyboard.type("2.9")
    page.keyboard.press("Enter")
    expect(page.locator("#times-start-problem")).to_contain_text("can begin at 0:03.00 at the earliest")
    page.keyboard.type("3")
    expect(page.locator("#times-start-problem")).to_have_text("")
    page.locator("#times-end").fill("8.5")
    page.keyboard.press("Enter")
    expect(page.locator("#times-end-problem")).to_contain_text("can end at 0:08.00 at the latest")
    page.keyboard.type("3.05")
    page.keyboard.press("Enter")
    expect(page.locator("#times-end-problem")).to_contain_text("a tenth of a second")
    page.keyboard.press("Escape")
    expect(passage(page, 1)).to_be_focused()
    assert times(text)[1] == (4.0, 7.0)


def test_times_are_taken_from_the_player(new_tab, text):
    page = new_tab(text.path)
    spoken_at(page, 5.5)
    passage(page, 1).locator(".seg-more").click()
    page.get_by_role("menuitem", name="Times").click()
    page.get_by_role("button", name="Ends where the player is: 0:05.50").click()
    expect(page.locator("#times-end")).to_have_value("0:05.50")
    page.get_by_role("button", name="Listen").click()
    expect(page.locator("#play")).to_have_attribute("data-playing", "")
    expect(page.locator("#play")).not_to_have_attribute("data-playing", "")
    assert page.evaluate("document.querySelector('#media').currentTime") == 5.5
    page.get_by_role("button", name="Save").click()
    shows(page, 1, "4.00", "5.50")
    assert times(text)[1] == (4.0, 5.5)


def test_times_that_somebody_else_changed_are_told(new_tab, text):
    page = new_tab(text.path)
    ask(page, 1)
    text.edit(service="editing.change_times", index=1, revision=0, start=4.5, end=6.5)
    page.locator("#times-end").fill("7.5")
    page.keyboard.press("Enter")
    expect(page.locator("#times-problem")).to_contain_text("they are 0:04.50 to 0:06.50 now")
    expect(page.locator("#times-start")).to_have_value("0:04.50")
    expect(page.locator("#times-end")).to_have_value("7.5")
    page.keyboard.press("Enter")
    shows(page, 1, "4.50", "7.50")
    assert times(text)[1] == (4.5, 7.5)


def test_text_that_is_not_saved_yet_is_saved_before(new_tab, text):
    page = new_tab(text.path)
    open_first(page).fill("Mine")
    passage(page, 0).locator(".seg-more").click()
    page.get_by_role("menuitem", name="Times").click()
    expect(page.locator("#times-text")).to_have_text("Mine")
    page.locator("#times-end").fill("2")
    page.keyboard.press("Enter")
    shows(page, 0, "0.00", "2.00")
    assert text.rows()[0] == (0, "Mine")


@pytest.mark.parametrize("look", LOOKS)
def test_dialog_is_free_of_flaws(new_tab, text, look):
    page = new_tab(text.path, **LOOKS[look])
    passage(page, 1).locator(".seg-more").click()
    page.get_by_role("menuitem", name="Times").click()
    assert flaws(page) + too_wide(page) == []
    page.locator("#times-start").fill("soon")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#times-start-problem")).not_to_be_empty()
    assert flaws(page) + too_wide(page) == []
