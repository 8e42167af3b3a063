"""What fails behind a page is told, in words, where people look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.conftest import EMAIL
from tests.browser.editing import Text
from tests.browser.network import intercept
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]
OFFLINE = "The server cannot be reached. Look at your connection, then try again."
WRITING = """
from accounts.models import User
from transcription.models import DataExport
DataExport.objects.create(user=User.objects.get(email={email!r}), state="writing", progress=0.4)
"""


@pytest.fixture
def page(server: Server, browser: Browser, signed_in: Any, text: Text) -> Iterator[Page]:
    """The library, whose console may tell what fails; scripts must not."""
    problems: list[str] = []
    profile = browser.new_context(storage_state=signed_in, locale="en-GB")
    profile.set_default_timeout(15_000)
    page = profile.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(server.url)
    yield page
    profile.close()
    assert problems == []


def told(page: Page) -> Locator:
    return page.locator(".toast p")


def star(page: Page) -> Locator:
    return page.get_by_role("button", name="Favourite:").first


def test_lost_connection_is_told_once(page):
    page.context.set_offline(True)
    star(page).click()
    expect(told(page)).to_have_text(OFFLINE)
    star(page).click()
    page.locator("#filter_q").fill("x")
    page.keyboard.press("Control+k")
    page.keyboard.type("word")
    expect(page.locator("#search-dialog-said")).to_have_text(OFFLINE)
    expect(told(page)).to_have_text(OFFLINE)
    page.context.set_offline(False)
    page.keyboard.type("1.0")
    expect(page.locator("#search-hits .hit").first).to_be_visible()
    expect(page.locator("#search-dialog-said")).to_be_hidden()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status": 502, "body": "<h1>Bad gateway</h1>", "content_type": "text/html"}, "could not do that (502)."),
        ({"status": 429, "body": "Wait a minute.\n", "content_type": "text/plain"}, "Wait a minute."),
    ],
)
def test_refusal_is_told_in_words(page, answer, words):
    intercept(page, "**/favourite/", lambda route: route.fulfill(**answer))
    star(page).click()
    expect(told(page)).to_contain_text(words)


def test_page_that_refuses_is_told_by_its_words(page):
    page.context.clear_cookies(name="csrftoken")
    star(page).click()
    expect(told(page)).to_contain_text("reload the page and try again.")


def test_whoever_is_signed_out_is_told(page):
    page.context.clear_cookies()
    page.locator("#filter_q").fill("x")
    expect(told(page)).to_have_text("Please sign in again.")
    expect(page.locator("#list")).to_be_visible()


def test_share_tells_what_fails_before_and_in_its_dialog(page, server, text):
    page.goto(f"{server.url}{text.path}")
    link = page.get_by_role("link", name="Share", exact=True)
    page.context.set_offline(True)
    link.click()
    expect(told(page)).to_have_text(OFFLINE)
    expect(page.locator("#sharing-dialog")).to_be_hidden()
    page.context.set_offline(False)
    link.click()
    dialog = page.get_by_role("dialog", name="Share")
    dialog.get_by_label("E-mail address").fill("nobody@example.org")
    page.context.set_offline(True)
    dialog.get_by_role("button", name="Share with this person").click()
    expect(dialog.get_by_role("alert")).to_have_text(OFFLINE)


def test_undo_that_failed_can_be_pressed_again(page):
    row = page.locator(".row").first
    row.locator("summary").click()
    row.get_by_role("button", name="Delete").click()
    undo = page.get_by_role("button", name="Undo")
    undo.wait_for()
    page.context.set_offline(True)
    undo.click()
    expect(told(page).filter(has_text=OFFLINE)).to_be_visible()
    page.context.set_offline(False)
    undo.click()
    expect(undo).to_be_hidden()


def test_what_asks_again_by_itself_keeps_still(page, server):

    def refuse(route: Route) -> None:
        if not route.request.headers.get("hx-request"):
            return route.continue_()
        return route.fulfill(status=503, body="Busy", content_type="text/plain")

    server.manage("shell", "-v", "0", "-c", WRITING.format(email=EMAIL))
    intercept(page, "**/storage/", refuse)
    page.goto(f"{server.url}/storage/")
    for _ in range(2):
        page.wait_for_event("response", lambda response: response.status == 503)
    expect(told(page)).to_have_count(0)
