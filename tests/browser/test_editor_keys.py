"""Keys and the focus while a text is corrected: each acts on the passage that the person means."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.editing import open_first, passage, saved
from tests.browser.network import intercept

pytestmark = [pytest.mark.browser, pytest.mark.server]
CARET = "document.activeElement.selectionStart"


def press_and_wait(page: Page, key: str) -> Route:
    """Press what makes an edit, whose request is on its way until it is told to go on."""
    held: list[Route] = []
    intercept(page, "**/edits/", lambda route: held.append(route), times=1)  # a bare append is no handler to Playwright
    with page.expect_request("**/edits/"):
        page.keyboard.press(key)
    page.wait_for_function("() => true")  # the route is told after the request
    return held[0]


def open_at(page: Page, index: int, word: str) -> None:
    passage(page, index).locator(".seg-text").hover()
    page.get_by_text(word).dblclick()
    expect(passage(page, index).locator("textarea")).to_be_focused()


def test_what_is_typed_after_joining_goes_to_the_seam(new_tab, text):
    page = new_tab(text.path)
    open_at(page, 2, "word2.3")
    request = press_and_wait(page, "Control+Shift+Backspace")
    page.keyboard.type("even sow ")
    for _ in "w ":
        page.keyboard.press("Backspace")
    page.keyboard.type(" ")
    request.continue_()
    area = passage(page, 1).locator("textarea")
    expect(area).to_be_focused()
    begun = "word1.0 word1.1 word1.2 word1.3 word1.4 even so "
    expect(area).to_have_value(f"{begun}word2.0 word2.1 word2.2 word2.3 word2.4")
    assert page.evaluate(CARET) == len(begun)
    saved(page)
    assert text.rows() == [
        (0, "word0.0 word0.1 word0.2 word0.3 word0.4"),
        (1, f"{begun}word2.0 word2.1 word2.2 word2.3 word2.4"),
    ]
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_what_is_typed_after_splitting_begins_the_passage(new_tab, text):
    page = new_tab(text.path)
    open_at(page, 0, "word0.2")
    request = press_and_wait(page, "Control+Enter")
    page.keyboard.type("then ")
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")  # what is beside the seam stays
    page.keyboard.press("Escape")
    page.keyboard.type("oe")  # no place for it
    request.continue_()
    expect(passage(page, 3)).to_be_focused()
    expect(passage(page, 3).locator(".seg-text")).to_have_text("then word0.2 word0.3 word0.4")
    saved(page)
    assert text.rows()[:2] == [(0, "word0.0 word0.1"), (3, "then word0.2 word0.3 word0.4")]


def test_what_is_typed_stays_where_the_server_refuses(new_tab, text):
    page = new_tab(text.path)
    open_at(page, 0, "word0.2")
    page.keyboard.press("End")
    request = press_and_wait(page, "Control+Enter")
    page.keyboard.type(" more")
    request.continue_()
    expect(page.get_by_text("There is no text on one side")).to_be_visible()
    saved(page)
    assert text.rows()[0] == (0, "word0.0 word0.1 word0.2 word0.3 word0.4 more")
    page.keyboard.type("!")
    expect(passage(page, 0).locator("textarea")).to_have_value("word0.0 word0.1 word0.2 word0.3 word0.4 more!")


def test_what_is_typed_is_kept_by_who_goes_elsewhere(new_tab, text):
    page = new_tab(text.path)
    open_first(page)
    request = press_and_wait(page, "Control+Enter")
    page.keyboard.type("then ")
    page.locator("#main").click(position={"x": 5, "y": 5})
    page.keyboard.press("e")
    expect(passage(page, 0).locator("textarea")).to_have_value("word0.0 word0.1 then word0.2 word0.3 word0.4")
    open_at(page, 2, "word2.2")
    request.continue_()
    expect(passage(page, 3).locator(".seg-text")).to_have_text("then word0.2 word0.3 word0.4")
    expect(passage(page, 2).locator("textarea")).to_be_focused()
    saved(page)
    assert text.rows()[:2] == [(0, "word0.0 word0.1"), (3, "then word0.2 word0.3 word0.4")]


def test_enter_of_the_number_pad_is_enter(new_tab, text):
    page = new_tab(text.path)
    open_at(page, 0, "word0.2")
    page.keyboard.press("Control+NumpadEnter")
    expect(passage(page, 3).locator("textarea")).to_have_value("word0.2 word0.3 word0.4")
    page.keyboard.press("NumpadEnter")
    expect(passage(page, 1).locator("textarea")).to_be_focused()
    assert text.rows()[1] == (3, "word0.2 word0.3 word0.4")


def test_focus_goes_below_when_the_first_passage_is_deleted(new_tab, text):
    page = new_tab(text.path)
    passage(page, 0).locator(".seg-more").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(passage(page, 0)).to_have_count(0)
    expect(passage(page, 1)).to_be_focused()


def test_keys_in_the_menu_act_on_its_passage(new_tab, text):
    page = new_tab(text.path)
    passage(page, 0).locator(".seg-text").click()
    more = passage(page, 1).locator(".seg-more")
    menu = page.get_by_role("menu", name="Passage")

    def item(name: str) -> Locator:
        return page.get_by_role("menuitem", name=name)

    more.click()
    expect(item("Correct")).to_be_focused()
    for key, name in [("ArrowUp", "Delete"), ("ArrowDown", "Correct"), ("End", "Delete"), ("Home", "Correct")]:
        page.keyboard.press(key)
        expect(item(name)).to_be_focused()
    page.keyboard.press("n")  # no key of the menu
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(more).to_be_focused()
    expect(page.locator(".found-doubt")).to_have_count(0)

    more.press("Enter")
    page.keyboard.press("o")
    expect(menu).to_be_hidden()
    expect(passage(page, 1).locator(".seg-doubt")).to_have_count(0)
    expect(passage(page, 0).locator(".doubt1, .doubt2")).to_have_count(1)

    passage(page, 2).locator(".seg-more").press("Enter")
    page.keyboard.press("e")
    expect(menu).to_be_hidden()
    expect(passage(page, 2).locator("textarea")).to_be_focused()
    page.keyboard.press("Escape")
    passage(page, 2).locator(".seg-more").press("Enter")
    page.keyboard.press("Control+Shift+Backspace")
    expect(passage(page, 2)).to_have_count(0)
    expect(passage(page, 1)).to_be_focused()


def test_doubtful_words_are_corrected_one_after_the_other(new_tab, text):
    page = new_tab(text.path)
    open_at(page, 0, "word0.4")
    page.keyboard.press("Escape")
    expect(passage(page, 0)).to_be_focused()
    page.keyboard.press("n")
    expect(page.locator("#doubt-said")).to_have_text("Doubtful: word0.0, at 0:00")
    page.keyboard.press("n")
    expect(passage(page, 1)).to_be_focused()
    page.keyboard.press("e")
    expect(passage(page, 1).locator("textarea")).to_be_focused()
    assert page.evaluate(CARET) == 0
    page.keyboard.type("Not ")
    page.keyboard.press("Escape")
    expect(passage(page, 1)).to_be_focused()
    expect(passage(page, 1).locator(".doubt1, .doubt2")).to_have_text("word1.0")  # drawn anew
    saved(page)
    page.keyboard.press("n")
    expect(page.locator("#doubt-said")).to_have_text("Doubtful: word2.0, at 0:08")
    page.keyboard.press("Shift+N")
    expect(passage(page, 1)).to_be_focused()
    page.keyboard.press("o")
    expect(passage(page, 1).locator(".doubt1, .doubt2")).to_have_count(0)
    page.keyboard.press("e")
    page.get_by_role("button", name="Next doubtful word").click()
    expect(passage(page, 2)).to_be_focused()
    page.get_by_role("button", name="Previous doubtful word").press("Enter")
    expect(page.locator("#doubt-said")).to_have_text("Doubtful: word0.0, at 0:00")
    expect(page.get_by_role("button", name="Previous doubtful word")).to_be_focused()
    assert text.rows()[1] == (1, "Not word1.0 word1.1 word1.2 word1.3 word1.4")


def test_keys_act_on_the_passage_that_was_clicked(new_tab, text):
    page = new_tab(text.path)
    passage(page, 2).locator(".seg-text").click()
    expect(passage(page, 2)).to_have_class("seg current")
    page.keyboard.press("Enter")
    expect(passage(page, 2).locator("textarea")).to_be_focused()
    page.keyboard.press("Escape")
    for name, index in [("Ada", 0), ("Eve", 1)]:
        passage(page, index).locator(".seg-text").click()
        page.keyboard.press("s")
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_role("radio", name="this passage").check()
        page.keyboard.press("Enter")
        expect(passage(page, index).locator(".seg-speaker")).to_have_text(name)
    passage(page, 2).locator(".seg-text").click()
    page.keyboard.press("Alt+1")
    expect(passage(page, 2).locator(".seg-speaker")).to_have_text("Ada")
    page.keyboard.press("Control+Shift+Backspace")
    expect(passage(page, 2)).to_have_count(0)
    page.keyboard.press("c")
    page.keyboard.press("Control+Shift+Backspace")  # of the field that has the focus
    page.get_by_role("button", name="Undo").press("Enter")
    expect(passage(page, 2)).to_have_count(1)
    assert [index for index, _ in text.rows()] == [0, 1, 2]


def test_keys_that_scroll_stop_following_wherever_the_focus_is(new_tab, text):
    page = new_tab(text.path)
    page.evaluate("document.querySelector('#media').playbackRate = 0.1")
    follow = page.get_by_role("button", name="Follow")
    page.keyboard.press("ArrowDown")
    expect(passage(page, 0)).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("PageDown")
    expect(follow).to_have_attribute("aria-pressed", "false")
    follow.click()
    page.get_by_role("slider", name="Position").press("Home")
    passage(page, 1).locator(".seg-more").click()
    page.keyboard.press("End")
    expect(follow).to_have_attribute("aria-pressed", "true")


def test_letters_are_those_on_the_keys(new_tab, text):
    """Where a German keyboard has Z, an American one has Y."""
    page = new_tab(text.path)
    passage(page, 0).focus()
    page.keyboard.press("o")
    expect(page.locator("#undo")).to_be_enabled()
    press = "press => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {bubbles: true, ...press}))"
    page.evaluate(press, {"key": "y", "code": "KeyZ", "ctrlKey": True})
    expect(page.locator("#undo")).to_be_enabled()
    page.evaluate(press, {"key": "z", "code": "KeyY", "ctrlKey": True})
    expect(page.locator("#undo")).to_be_disabled()
    page.evaluate(press, {"key": "Z", "code": "KeyY", "ctrlKey": True, "shiftKey": True})
    expect(page.locator("#undo")).to_be_enabled()
    page.evaluate(press, {"key": "\u044f", "code": "KeyZ", "ctrlKey": True})  # a Cyrillic one
    expect(page.locator("#undo")).to_be_disabled()
