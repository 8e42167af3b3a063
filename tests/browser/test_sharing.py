"""Sharing in real browsers: with a person who comments and is shut out again; by a link in a private window."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import EMAIL
from tests.browser.talk import GRACE, PASSWORD, make_talk, no_flaws
from tests.browser.test_every_page import LOOKS
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture(scope="module")
def talk(server: Server, signed_in: Any) -> str:
    return make_talk(server)


@pytest.fixture
def profile(browser: Browser) -> Iterator[BrowserContext]:
    """A private window."""
    opened = browser.new_context(locale="en-GB")
    opened.set_default_timeout(15_000)
    yield opened
    opened.close()


@pytest.fixture
def stranger(profile: BrowserContext) -> Iterator[Page]:
    problems: list[str] = []
    page = profile.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    assert problems == []


def open_sharing(page: Page) -> Any:
    page.get_by_role("link", name="Share").click()
    return page.get_by_role("dialog", name="Share")


@pytest.mark.parametrize("look", ["light", "phone"])
def test_person_reads_comments_and_is_shut_out(server, new_tab, talk, stranger, look):
    owner = new_tab(talk, **LOOKS[look])
    dialog = open_sharing(owner)
    dialog.get_by_label("E-mail address").fill("nobody@example.org")
    dialog.get_by_role("button", name="Share with this person").click()
    expect(dialog.get_by_text("Nobody here uses this e-mail address.")).to_be_visible()
    expect(dialog.get_by_label("E-mail address")).to_have_value("nobody@example.org")
    dialog.get_by_label("E-mail address").fill(GRACE)
    dialog.get_by_role("button", name="Share with this person").click()
    expect(dialog.get_by_role("status")).to_have_text("Shared with Grace.")
    no_flaws(owner)
    dialog.get_by_label("What Grace may do").select_option("Can edit the text")
    expect(dialog.get_by_role("status")).to_have_text("Grace: Can edit the text.")
    dialog.get_by_role("button", name="Close").click()

    stranger.goto(server.url)
    stranger.locator("[name=username]").fill(GRACE)
    stranger.locator("[name=password]").fill(PASSWORD)
    stranger.get_by_role("button", name="Sign in").click()
    stranger.get_by_role("link", name="Shared with me").click()
    expect(stranger.get_by_text(f"Shared by {EMAIL}")).to_be_visible()
    stranger.get_by_role("link", name="Board meeting", exact=True).click()
    expect(stranger.get_by_role("link", name="Share", exact=True)).to_have_count(0)
    stranger.wait_for_load_state("load")
    stranger.locator("#s1 .seg-time").focus()
    stranger.keyboard.press("c")
    stranger.get_by_label("Your comment").fill("Is this <b>right</b>?")
    stranger.keyboard.press("Control+Enter")
    thread = stranger.get_by_role("article", name="Comment of Grace at 0:04")
    expect(thread).to_contain_text("Is this <b>right</b>?")
    expect(stranger.locator("#s1")).to_have_class(re.compile("has-comments"))

    owner.reload()
    expect(owner.locator("#comments-count")).to_have_text("1")
    owner.get_by_role("button", name="Comments").click()
    owner.get_by_text("word1.0 word1.1", exact=False).last.click()
    assert owner.evaluate("document.querySelector('#media').currentTime") == pytest.approx(4.0, abs=0.1)
    if not owner.locator("#comments").is_visible():
        owner.get_by_role("button", name="Comments").click()
    owner.locator("summary", has_text="Answer").click()
    owner.get_by_label("Your answer").fill("It is.")
    no_flaws(owner)
    owner.get_by_role("button", name="Send").click()
    expect(owner.get_by_role("article")).to_contain_text("It is.")
    owner.get_by_role("button", name="Resolve").click()
    expect(owner.get_by_text("1 resolved")).to_be_visible()
    expect(owner.locator("#comments-count")).to_be_hidden()
    owner.locator("summary", has_text="1 resolved").click()
    owner.locator("summary", has_text="Delete").first.click()
    owner.get_by_role("button", name="Delete for good").first.click()
    expect(owner.get_by_text("No comments yet.")).to_be_visible()

    dialog = open_sharing(owner)
    dialog.get_by_role("button", name="Withdraw Grace").click()
    expect(dialog.get_by_role("status")).to_have_text("Grace does not see this recording any more.")
    stranger.reload()
    expect(stranger.get_by_role("heading", name="Page not found")).to_be_visible()


def test_link_with_a_password_in_a_private_window(server, new_tab, talk, stranger):
    owner = new_tab(talk)
    dialog = open_sharing(owner)
    dialog.locator("summary", has_text="Make a link").click()
    dialog.get_by_label("For whom").fill("The press")
    dialog.get_by_label("Whoever has it").select_option("Can view and comment")
    dialog.get_by_label("Password").fill("short")
    dialog.get_by_role("button", name="Make the link").click()
    expect(dialog.get_by_text("at least 6 characters, and")).to_be_visible()
    expect(dialog.get_by_label("For whom")).to_have_value("The press")
    dialog.get_by_label("Password").fill("long enough")
    dialog.get_by_role("button", name="Make the link").click()
    address = dialog.get_by_label("The new link").input_value()
    assert address.startswith(f"{server.url}/shared/")
    no_flaws(owner)

    stranger.goto(address)
    no_flaws(stranger)
    stranger.get_by_label("Password").fill("wrong one")
    stranger.get_by_role("button", name="Open").click()
    expect(stranger.get_by_role("alert")).to_contain_text("This is not the password.")
    stranger.get_by_label("Password").fill("long enough")
    stranger.get_by_role("button", name="Open").click()
    expect(stranger.get_by_role("heading", name="Board meeting")).to_be_visible()
    stranger.wait_for_load_state("load")
    stranger.wait_for_function("() => document.querySelector('#media').readyState >= 1")
    stranger.locator("#s1 .seg-text").hover()
    stranger.get_by_text("word1.2", exact=True).click()
    assert stranger.evaluate("document.querySelector('#media').currentTime") == pytest.approx(5.2, abs=0.1)
    stranger.locator("#s2").hover()
    stranger.get_by_role("button", name="Comment on this passage").click()
    stranger.get_by_label("Your name").fill("Reporter")
    stranger.get_by_label("Your comment").fill("A question.")
    no_flaws(stranger)
    stranger.get_by_role("button", name="Comment", exact=True).click()
    expect(stranger.get_by_role("article", name="Comment of Reporter at 0:08")).to_contain_text("A question.")
    stranger.locator("summary", has_text="Answer").click()
    expect(stranger.get_by_label("Your name").last).to_have_value("Reporter")

    dialog.get_by_role("button", name="Close").click()
    dialog = open_sharing(owner)
    expect(dialog.get_by_text("1 visit")).to_be_visible()
    dialog.get_by_role("button", name="Withdraw The press").click()
    expect(dialog.get_by_role("status")).to_have_text("The link was withdrawn.")
    stranger.get_by_label("Your answer").fill("Too late.")
    stranger.get_by_role("button", name="Send").click()
    expect(stranger.get_by_role("heading", name="This link was withdrawn")).to_be_visible(timeout=20_000)


def test_selection_is_shared_and_that_is_taken_back(server, new_tab, talk):
    page = new_tab("/", **LOOKS["phone"])
    page.get_by_role("checkbox", name="Select Board meeting").check()
    page.get_by_role("button", name="Share", exact=True).click()
    dialog = page.get_by_role("dialog", name="Share 1 recording")
    dialog.get_by_label("E-mail address").fill("nobody@example.org")
    dialog.get_by_label("E-mail address").press("Enter")
    expect(dialog.get_by_text("Nobody here uses this e-mail address.")).to_be_visible()
    expect(dialog.get_by_label("E-mail address")).to_have_value("nobody@example.org")
    no_flaws(page)
    dialog.get_by_label("E-mail address").fill(GRACE)
    dialog.get_by_label("May").select_option("Can edit the text")
    dialog.get_by_role("button", name="Share").click()
    expect(dialog).to_have_count(0)
    told = page.locator(".toast", has_text="1 recording is shared with Grace.")
    expect(told).to_be_visible()
    expect(page.get_by_role("checkbox", name="Select Board meeting")).to_be_checked()
    no_flaws(page)
    told.get_by_role("button", name="Undo").click()
    expect(page.locator(".toast", has_text="1 is as it was.")).to_be_visible()
    page.goto(f"{server.url}{talk}")
    expect(open_sharing(page).get_by_text("Grace")).to_have_count(0)


def test_guest_changes_an_own_comment_after_a_reload(server, new_tab, talk, stranger):
    dialog = open_sharing(new_tab(talk))
    dialog.locator("summary", has_text="Make").click()
    dialog.get_by_label("Whoever has it").select_option("Can view and comment")
    dialog.get_by_role("button", name="Make the link").click()
    stranger.goto(dialog.get_by_label("The new link").input_value())
    stranger.wait_for_load_state("load")
    stranger.locator("#s2").hover()
    stranger.get_by_role("button", name="Comment on this passage").click()
    stranger.locator("#comment-new-name").fill("Visitor")
    stranger.locator("#comment-new-text").fill("Before.")
    stranger.get_by_role("button", name="Comment", exact=True).click()
    thread = stranger.get_by_role("article", name="Comment of Visitor at 0:08")
    expect(thread).to_contain_text("Before.")
    stranger.reload()
    thread.locator("summary", has_text="Edit").click()
    thread.get_by_label("Your comment").fill("After.")
    thread.get_by_role("button", name="Save").click()
    expect(thread).to_contain_text("After.")
    stranger.reload()
    thread.locator("summary", has_text="Delete").click()
    thread.get_by_role("button", name="Delete for good").click()
    expect(thread).to_have_count(0)


def test_terms_are_underlined_unless_switched_off(new_tab, talk):
    page = new_tab(talk)
    word = page.locator("#s1 .term")
    expect(word).to_have_attribute("title", "One of the names and terms that the transcription was told of")
    line = "(each) => getComputedStyle(each).textDecorationLine"
    assert word.evaluate(line) == "underline"
    page.get_by_label("Underline terms").uncheck()
    assert word.evaluate(line) == "none"
    page.reload()
    expect(page.get_by_label("Underline terms")).not_to_be_checked()
    assert word.evaluate(line) == "none"
    page.get_by_label("Underline terms").check()
    no_flaws(page)
