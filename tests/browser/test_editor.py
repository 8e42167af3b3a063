"""Correcting a transcript in a real browser: by keyboard alone, in every state, whatever the text."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.editing import open_first, passage, saved
from tests.browser.network import intercept
from tests.browser.test_every_page import LOOKS, flaws, too_wide

pytestmark = [pytest.mark.browser, pytest.mark.server]


def test_whole_correction_by_keyboard_alone(new_tab, text):
    page = new_tab(text.path)
    page.keyboard.press("ArrowDown")
    expect(passage(page, 0)).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type(" And more.")
    saved(page)
    page.keyboard.press("Control+Enter")  # nothing behind the caret: refused, and the text stays
    expect(page.get_by_text("There is no text on one side")).to_be_visible()
    for _ in "And more.":
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Control+Enter")
    expect(passage(page, 3).locator("textarea")).to_be_focused()
    page.keyboard.press("Escape")
    expect(passage(page, 3)).to_be_focused()
    page.keyboard.press("s")
    page.keyboard.type("Grace")
    page.keyboard.press("Enter")
    expect(passage(page, 3).locator(".seg-speaker")).to_have_text("Grace")
    page.keyboard.press("Control+Shift+Backspace")
    expect(passage(page, 3)).to_have_count(0)
    expect(passage(page, 0)).to_be_focused()
    page.keyboard.press("Control+z")
    expect(passage(page, 3)).to_have_count(1)
    page.keyboard.press("Control+Shift+Z")
    expect(passage(page, 3)).to_have_count(0)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("o")
    expect(passage(page, 1).locator(".seg-doubt")).to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.type("word2")
    page.keyboard.press("Tab")
    page.keyboard.type("Wort")
    expect(page.locator("#replace-found mark").first).to_have_text("Wort")
    expect(page.locator("#replace-count")).to_have_text("5 places in 1 passage")
    page.keyboard.press("Enter")
    expect(passage(page, 2)).to_contain_text("Wort.0 Wort.1")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()

    assert text.rows() == [
        (0, "word0.0 word0.1 word0.2 word0.3 word0.4 And more."),
        (1, "word1.0 word1.1 word1.2 word1.3 word1.4"),
        (2, "Wort.0 Wort.1 Wort.2 Wort.3 Wort.4"),
    ]


@pytest.mark.parametrize("look", ["light", "phone"])
def test_every_state_is_free_of_flaws(new_tab, text, look):
    page = new_tab(text.path, **LOOKS[look])
    found = {}

    def look_at(state: str) -> None:
        found[state] = flaws(page) + too_wide(page)

    passage(page, 0).locator(".seg-more").click()
    look_at("menu of a passage")
    page.get_by_role("menuitem", name="Speaker").click()
    look_at("who speaks")
    page.get_by_label("Name", exact=True).fill("Ada")
    page.keyboard.press("Enter")
    expect(passage(page, 0).locator(".seg-speaker")).to_have_text("Ada")
    page.get_by_role("button", name="Replace").click()
    page.get_by_label("Find", exact=True).fill("word")
    expect(page.locator("#replace-count")).to_contain_text("places")
    look_at("replacing")
    page.get_by_role("tab", name="Speakers").click()
    look_at("speakers")
    page.get_by_role("tab", name="Doubtful").click()
    expect(page.locator(".doubtful [data-go]")).to_have_count(1)
    look_at("doubtful passages")
    page.keyboard.press("Escape")
    passage(page, 2).locator(".seg-text").dblclick()
    look_at("a field")
    text.edit(index=2, revision=0, text="Theirs")
    passage(page, 2).locator("textarea").fill("Mine")
    expect(page.locator(".conflict-theirs")).to_have_text("Theirs")
    look_at("a conflict")
    assert found == dict.fromkeys(found, [])


def test_lines_are_pasted_as_one_and_can_be_taken_back(new_tab, text):
    page = new_tab(text.path, permissions=["clipboard-read", "clipboard-write"])
    area = open_first(page)
    area.fill("alpha omega")
    for _ in "omega":
        area.press("ArrowLeft")
    page.evaluate("navigator.clipboard.writeText('one\\n\\n\\ntwo\\r\\n\\r\\nthree ')")
    area.press("Control+v")
    page.keyboard.insert_text("X\0\x07Y")
    expect(area).to_have_value("alpha one two three XYomega")
    saved(page)
    assert text.rows()[0] == (0, "alpha one two three XYomega")

    area.press("Control+z")
    expect(area).to_have_value("alpha omega")


@pytest.mark.parametrize("way", ["note", "menu"])
def test_emptied_passage_is_deleted(new_tab, text, way):
    page = new_tab(text.path)
    open_first(page).fill("")
    expect(page.locator(".conflict-title")).to_have_text("A passage needs some text. To take it out, delete it.")
    if way == "note":
        page.get_by_role("button", name="Delete the passage").click()
    else:
        page.keyboard.press("Escape")
        passage(page, 0).locator(".seg-more").click()
        page.get_by_role("menuitem", name="Delete").click()
    expect(passage(page, 0)).to_have_count(0)
    saved(page)
    assert [index for index, _ in text.rows()] == [1, 2]


def test_text_typed_while_an_empty_one_is_refused_is_saved(new_tab, text):
    page = new_tab(text.path)
    area = open_first(page)
    held: list[Route] = []
    intercept(page, "**/edits/", lambda route: held.append(route), times=1)
    with page.expect_request("**/edits/"):
        area.fill("")
    area.fill("All new")
    page.wait_for_timeout(1_000)  # longer than what is typed waits
    held[0].continue_()
    saved(page)
    expect(page.locator(".conflict")).to_have_count(0)
    assert text.rows()[0] == (0, "All new")


def test_split_behind_emoji_is_where_the_caret_is(new_tab, text):
    page = new_tab(text.path)
    open_first(page).fill("😀😀😀 one two")
    for _ in " two":
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Control+Enter")
    expect(passage(page, 3).locator("textarea")).to_have_value("two")
    assert text.rows()[:2] == [(0, "😀😀😀 one"), (3, "two")]


def test_script_in_text_and_names_is_only_text(new_tab, text):
    page = new_tab(text.path)
    evil = "<img src=x onerror=document.title='bad'> & \u202eback"
    open_first(page).fill(evil)
    saved(page)
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    page.keyboard.type("<b>Eve</b>")
    page.keyboard.press("Enter")
    expect(passage(page, 0).locator(".seg-speaker")).to_have_text("<b>Eve</b>")
    page.get_by_role("button", name="Speakers").click()
    expect(page.locator("#speaker-list input")).to_have_value("<b>Eve</b>")
    page.reload()
    expect(passage(page, 0).locator(".seg-text")).to_have_text("<img src=x onerror=document.title='bad'> & back")


def test_long_text_is_refused_and_stays(new_tab, text):
    page = new_tab(text.path)
    area = open_first(page)
    area.fill("First")
    saved(page)
    area.fill("word " * 20_000)
    expect(page.locator(".conflict-title")).to_contain_text("10,000 characters are the most")
    expect(area).to_have_value("word " * 20_000)
    page.get_by_role("button", name="Leave it as it was").click()
    expect(passage(page, 0).locator(".seg-text")).to_have_text("First")
    passage(page, 0).locator(".seg-text").dblclick()
    area.fill("Second")
    saved(page)
    assert text.rows()[0] == (0, "Second")


def test_versions_compared_and_brought_back(new_tab, text):
    text.edit(index=0, revision=0, text="word0.0 changed word0.2 word0.3 word0.4")
    page = new_tab(f"{text.path}versions/")
    page.get_by_label("Keep the present state under a name").fill("Proofread")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("#states + .entries strong").first).to_have_text("Proofread")
    page.get_by_role("link", name=re.compile("Compare.*As the machine")).click()
    expect(page.locator("del")).to_contain_text("word0.1")
    expect(page.locator("ins")).to_contain_text("changed")
    page.go_back()
    page.get_by_role("button", name=re.compile("Bring back.*As the machine")).click()
    expect(page.get_by_text("The earlier state is back")).to_be_visible()
    assert text.rows()[0] == (0, "word0.0 word0.1 word0.2 word0.3 word0.4")


def test_button_above_the_text_shows_that_its_panel_is_open(new_tab, text):
    page = new_tab(text.path)
    expanded = page.locator("[data-panel][aria-expanded=true]")
    expect(expanded).to_have_count(0)
    page.get_by_role("button", name="Speakers").click()
    expect(expanded).to_have_text("Speakers")
    page.get_by_role("tab", name="Doubtful").click()
    expect(expanded).to_have_text("Doubtful")
    page.keyboard.press("Escape")
    expect(expanded).to_have_count(0)
