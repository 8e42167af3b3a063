"""Two people correct one text: what could not be saved is shown with the other's, until it is decided."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import EMAIL
from tests.browser.editing import come_back, open_first, passage, saved
from tests.browser.network import intercept

pytestmark = [pytest.mark.browser, pytest.mark.server]
STEP = """
from accounts.models import User
from transcription.services import editing, edits
by = edits.By(User.objects.get(email={email!r}))
editing.change_text(transcript_id={transcript}, by=by, index={number}, revision=0, text="Step {number}")
"""


def test_conflict_shows_both_texts_and_loses_none(new_tab, text):
    page = new_tab(text.path)
    area = open_first(page)
    expect(area).to_be_focused()
    page.context.set_offline(True)
    area.fill("Mine")
    expect(page.locator("#save-status")).to_have_text("Offline – 1 unsaved")
    text.edit(index=0, revision=0, text="Theirs")
    page.context.set_offline(False)
    expect(page.locator(".conflict-theirs")).to_have_text("Theirs")
    expect(area).to_have_value("Mine")
    assert text.rows()[0] == (0, "Theirs")

    page.get_by_role("button", name="Keep mine").click()
    saved(page)
    assert text.rows()[0] == (0, "Mine")


def lose_answers(page: Page, times: int) -> None:
    """The next edits are done, but the page is not told."""
    left = iter(range(times))

    def pass_on(route) -> None:
        if route.request.method != "POST" or next(left, None) is None:
            return route.continue_()
        route.fetch()
        route.abort("internetdisconnected")
        return None

    intercept(page, "**/edits/", pass_on)


def test_what_came_while_a_text_was_saved_is_not_overwritten(new_tab, text):
    page = new_tab(text.path)
    area = open_first(page)
    lose_answers(page, 2)
    area.fill("Mine")
    expect(page.locator("#save-status")).to_have_attribute("data-state", "offline")
    text.edit(index=0, revision=1, text="Theirs")
    saved(page)  # the first was sent again, and had been done
    area.fill("Mine and more")
    expect(page.locator(".conflict-theirs")).to_have_text("Theirs")
    assert text.rows()[0] == (0, "Theirs")


def test_split_of_a_field_does_not_take_back_what_others_wrote(new_tab, text):
    page = new_tab(text.path)
    open_first(page)
    text.edit(index=0, revision=0, text="Theirs is here")
    come_back(page)
    expect(page.locator("#transcript")).to_have_attribute("data-revision", "1")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Somebody else has changed this passage")).to_be_visible()
    expect(passage(page, 0).locator("textarea")).to_have_value("Theirs is here")
    assert text.rows()[0] == (0, "Theirs is here")


def test_step_whose_answer_is_lost_is_done_once(new_tab, text):
    for number in range(2):
        text.server.manage(
            "shell", "-v", "0", "-c", STEP.format(email=EMAIL, transcript=text.transcript, number=number)
        )
    page = new_tab(text.path)
    lose_answers(page, 1)
    page.get_by_role("button", name="Undo").click()
    expect(passage(page, 1).locator(".seg-text")).to_have_text("word1.0 word1.1 word1.2 word1.3 word1.4")
    assert text.rows()[:2] == [(0, "Step 0"), (1, "word1.0 word1.1 word1.2 word1.3 word1.4")]


def test_conflict_stays_while_the_writer_goes_on_elsewhere(new_tab, text):
    page = new_tab(text.path)
    open_first(page)
    page.context.set_offline(True)
    passage(page, 0).locator("textarea").fill("Mine")
    passage(page, 1).locator(".seg-text").dblclick()
    area = passage(page, 1).locator("textarea")
    text.edit(index=0, revision=0, text="Theirs")
    page.context.set_offline(False)
    expect(page.locator(".conflict-theirs")).to_have_text("Theirs")
    expect(area).to_be_focused()
    text.edit(index=0, revision=1, text="Theirs again")
    come_back(page)
    expect(page.locator("#transcript")).to_have_attribute("data-revision", "2")
    expect(passage(page, 0).locator(".seg-text")).to_have_text("Mine")
    expect(page.locator("#save-status")).to_have_text("1 not saved")

    page.get_by_role("button", name="Take theirs").click()
    expect(passage(page, 0).locator(".seg-text")).to_have_text("Theirs again")
    saved(page)


def test_passage_deleted_under_an_untouched_field_goes_with_it(new_tab, text):
    page = new_tab(text.path)
    open_first(page)
    text.delete(index=0, revision=0)
    come_back(page)
    expect(page.get_by_text("Somebody else has deleted this passage.", exact=True)).to_be_visible()
    expect(passage(page, 0)).to_have_count(0)
    expect(page.locator(".conflict")).to_have_count(0)


def test_passage_joined_under_a_field_says_so_until_it_is_back(new_tab, text):
    page = new_tab(text.path)
    passage(page, 1).locator(".seg-text").dblclick()
    page.context.set_offline(True)
    area = passage(page, 1).locator("textarea")
    area.fill("Mine")
    text.edit(service="editing.merge_up", index=1, revision=0)
    page.context.set_offline(False)
    expect(page.locator(".conflict-title")).to_contain_text("joined this passage with the one above. Your text is kept")
    text.undo()
    come_back(page)
    expect(page.locator(".conflict-theirs")).to_have_text("word1.0 word1.1 word1.2 word1.3 word1.4")
    expect(area).to_have_value("Mine")
    page.get_by_role("button", name="Keep mine").click()
    saved(page)
    assert text.rows()[1] == (1, "Mine")


def test_others_corrections_appear_by_themselves(new_tab, text):
    page = new_tab(text.path)
    text.edit(index=2, revision=0, text="From elsewhere")
    expect(passage(page, 2)).to_contain_text("From elsewhere")


def test_text_that_was_let_go_does_not_come_back(new_tab, text):
    page = new_tab(text.path)
    area = open_first(page)
    page.context.set_offline(True)
    area.fill("Mine")
    text.edit(index=0, revision=0, text="Theirs")
    page.context.set_offline(False)
    expect(page.locator(".conflict-theirs")).to_have_text("Theirs")
    area.press_sequentially(" and more")
    page.get_by_role("button", name="Take theirs").click()
    expect(passage(page, 0).locator(".seg-text")).to_have_text("Theirs")
    text.edit(index=2, revision=0, text="Later")
    come_back(page)
    expect(passage(page, 2)).to_contain_text("Later")
    expect(page.locator(".conflict")).to_have_count(0)
    saved(page)
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('scripta-draft'))") == []


def test_split_without_a_connection_says_when_it_can_be_done(new_tab, text):
    page = new_tab(text.path)
    open_first(page)
    page.context.set_offline(True)
    page.keyboard.type("more ")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_have_text("This can be done once the connection is back and your text is saved.")
    page.keyboard.type("and more ")
    page.context.set_offline(False)
    saved(page)
    page.keyboard.press("Control+Enter")
    expect(passage(page, 3).locator("textarea")).to_be_focused()
    assert text.rows()[:2] == [(0, "word0.0 word0.1 more and more"), (3, "word0.2 word0.3 word0.4")]


def test_text_of_a_deleted_passage_is_copied_and_that_is_said(new_tab, text):
    page = new_tab(text.path)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    area = open_first(page)
    page.context.set_offline(True)
    area.fill("Mine")
    text.delete(index=0, revision=0)
    page.context.set_offline(False)
    page.get_by_role("button", name="Copy my text").click()
    expect(page.locator(".toast")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "Mine"


def test_new_version_waits_for_the_writer_and_says_where_corrections_are(new_tab, text):
    page = new_tab(text.path)
    area = open_first(page)
    area.fill("Mine")
    text.add_version()
    come_back(page)
    expect(page.get_by_text("You go on in version 1 until you have finished writing.")).to_be_visible()
    area.fill("Mine and more")
    area.press("Escape")
    where = page.get_by_text("Version 2 is shown now. Your corrections are in version 1.")
    expect(where).to_be_visible()
    page.reload()
    expect(where).to_be_visible()
    page.get_by_role("link", name="Compare the two").click()
    expect(page.locator("del").first).to_contain_text("Mine and more")
    assert text.rows()[0] == (0, "Mine and more")


@pytest.mark.parametrize("name", ["Delete", "Join with the one above"])
def test_what_a_passage_showed_when_its_menu_was_opened_counts(new_tab, text, name):
    page = new_tab(text.path)
    passage(page, 1).locator(".seg-more").click()
    text.edit(index=1, revision=0, text="Theirs")
    come_back(page)
    expect(passage(page, 1)).to_contain_text("Theirs")
    page.get_by_role("menuitem", name=name).click()
    expect(page.get_by_text("Somebody else has changed this passage")).to_be_visible()
    assert text.rows()[1] == (1, "Theirs")
