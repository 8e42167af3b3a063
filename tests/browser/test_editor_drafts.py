"""What is written while the server cannot be reached is gone on with, never begun anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import EMAIL, PASSWORD
from tests.browser.editing import Text, open_first, passage, saved
from tests.browser.network import intercept
from tests.server import Server
from transcription.management.benchmarks.chromium import CHROMIUM, FLAGS

HOST = "scripta.lan"
BOB = "bob@example.org"
SHARE = """
from accounts.models import User
from tests.factories import share
from transcription.models import Recording
share(Recording.objects.get(pk={pk!r}), User.objects.get(email={email!r}), role={role!r})
"""
DELETE = "from transcription.models import Recording; Recording.objects.get(pk={pk!r}).delete()"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.server,
    pytest.mark.parametrize("server", [{"SCRIPTA_ALLOWED_HOSTS": HOST}], indirect=True),
]


def test_text_of_an_earlier_visit_whose_passage_is_gone_is_shown(new_tab, text):
    page = new_tab(text.path)
    open_first(page)
    page.context.set_offline(True)
    passage(page, 0).locator("textarea").fill("Written on a train")
    expect(page.locator("#save-status")).to_have_attribute("data-state", "offline")
    text.delete(index=0, revision=0)
    page.close(run_before_unload=False)
    again = page.context.new_page()
    page.context.set_offline(False)
    again.goto(f"{text.server.url}{text.path}")
    expect(again.locator(".stand-in .seg-text")).to_have_text("Written on a train")
    again.get_by_role("button", name="Let it go").click()
    expect(again.locator(".stand-in")).to_have_count(0)
    saved(again)


def test_text_of_a_version_that_is_left_can_be_copied(new_tab, text):
    page = new_tab(text.path)
    open_first(page)
    page.context.set_offline(True)
    passage(page, 0).locator("textarea").fill("Written on a train")
    expect(page.locator("#save-status")).to_have_attribute("data-state", "offline")
    text.add_version()
    page.close(run_before_unload=False)
    again = page.context.new_page()
    page.context.set_offline(False)
    again.goto(f"{text.server.url}{text.path}")
    expect(again.locator(".stand-in .seg-text")).to_have_text("Written on a train")
    expect(again.locator(".conflict-title")).to_contain_text("You typed this in version 1")
    expect(again.get_by_role("button", name="Copy the text")).to_be_visible()
    again.get_by_role("button", name="Versions").click()
    again.wait_for_url("**/versions/")


def test_unsaved_correction_survives_a_closed_tab(new_tab, text):
    page = new_tab(text.path)
    open_first(page)
    page.context.set_offline(True)
    passage(page, 0).locator("textarea").fill("Written on a train")
    expect(page.locator("#save-status")).to_have_attribute("data-state", "offline")
    page.close(run_before_unload=False)
    again = page.context.new_page()
    page.context.set_offline(False)
    again.goto(f"{text.server.url}{text.path}")
    expect(passage(again, 0)).to_contain_text("Written on a train")
    saved(again)  # it is shown before the server has it
    assert text.rows()[0] == (0, "Written on a train")


def test_what_is_typed_while_a_split_waits_survives_a_closed_tab(new_tab, text):
    page = new_tab(text.path)
    open_first(page)
    # Aborted, not held: a browser that is closed may send on what was held.
    intercept(page, "**/edits/", lambda route: route.abort("internetdisconnected"))
    with page.expect_request("**/edits/"):
        page.keyboard.press("Control+Enter")
    page.keyboard.type("then ")
    expect(passage(page, 0).locator("textarea")).to_have_value("word0.0 word0.1 then word0.2 word0.3 word0.4")
    page.close(run_before_unload=False)
    again = page.context.new_page()
    again.goto(f"{text.server.url}{text.path}")
    saved(again)
    expect(passage(again, 0)).to_contain_text("word0.1 then word0.2")
    assert text.rows()[0] == (0, "word0.0 word0.1 then word0.2 word0.3 word0.4")


def test_text_that_was_saved_is_built_on_before_it_came_back(new_tab, text):
    page = new_tab(text.path)
    area = open_first(page)
    intercept(page, "**/changes/*", lambda route: route.abort("internetdisconnected"))
    area.fill("First")
    saved(page)
    area.press("Escape")
    expect(passage(page, 0).locator(".seg-text")).to_have_text("First")
    page.keyboard.press("Enter")
    page.keyboard.type(" and more")
    saved(page)
    assert text.rows()[0] == (0, "First and more")


def test_text_that_was_left_stays_while_what_was_typed_before_is_saved(new_tab, text):
    page = new_tab(text.path)
    area = open_first(page)
    held: list[Route] = []
    intercept(page, "**/edits/", lambda route: held.append(route))
    with page.expect_request("**/edits/"):
        area.fill("First")
    area.fill("First and more")
    area.press("Escape")
    with page.expect_request("**/edits/"):
        held[0].continue_()
    expect(passage(page, 0).locator(".seg-text")).to_have_text("First and more")
    while len(held) < 2:
        page.wait_for_timeout(50)
    held[1].continue_()
    saved(page)
    assert text.rows()[0] == (0, "First and more")


def test_nothing_is_lost_when_the_server_is_killed(new_tab, text):
    page = new_tab(text.path)
    area = open_first(page)
    area.fill("First")
    saved(page)
    text.server.processes()["web"].kill()
    area.fill("First, and then some more")
    text.server.wait_until_ready()
    saved(page)
    assert text.rows()[0] == (0, "First, and then some more")


def test_draft_is_shown_and_gone_on_with_before_it_is_saved(new_tab, text):
    page = new_tab(text.path)
    intercept(page, "**/edits/", lambda route: route.abort("internetdisconnected"))
    page.keyboard.press("j")
    page.keyboard.press("e")
    passage(page, 0).locator("textarea").fill("Written on a train")
    expect(page.locator("#save-status")).to_have_attribute("data-state", "offline")
    page.close(run_before_unload=False)

    again = page.context.new_page()
    intercept(again, "**/edits/", lambda route: route.abort("internetdisconnected"))
    again.goto(f"{text.server.url}{text.path}")
    expect(passage(again, 0).locator(".seg-text")).to_have_text("Written on a train")
    passage(again, 0).locator(".seg-text").dblclick()
    field = passage(again, 0).locator("textarea")
    expect(field).to_have_value("Written on a train")
    field.press("End")
    field.press_sequentially(" to Turin")
    again.unroute("**/edits/")
    saved(again)
    assert text.rows()[0] == (0, "Written on a train to Turin")


@pytest.fixture
def plain(browser: Browser, signed_in: Any, text: Text) -> Iterator[Page]:
    """The recording under the name of a host, over plain HTTP: browsers give such a page less than others."""
    flags = [*FLAGS, f"--host-resolver-rules=MAP {HOST} 127.0.0.1"]
    chromium = browser.browser_type.launch(executable_path=CHROMIUM, headless=True, args=flags)
    cookies = [each | {"domain": HOST} for each in signed_in["cookies"]]
    page = chromium.new_page(storage_state={"cookies": cookies, "origins": []}, locale="en-GB")
    page.goto(f"http://{HOST}:{text.server.port}{text.path}")
    yield page
    chromium.close()


def test_text_is_corrected_and_copied_over_plain_http(plain, text):
    assert not plain.evaluate("isSecureContext")
    area = open_first(plain)
    area.fill("Mine")
    saved(plain)
    assert text.rows()[0] == (0, "Mine")

    plain.context.set_offline(True)
    area.fill("Mine and more")
    text.delete(index=0, revision=1)
    plain.context.set_offline(False)
    plain.get_by_role("button", name="Copy my text").click()
    other = passage(plain, 1).locator("textarea")
    passage(plain, 1).locator(".seg-text").dblclick()
    other.press("Control+a")
    other.press("Control+v")
    expect(other).to_have_value("Mine and more")


def sign_in(page: Page, email: str, path: str) -> None:
    """As somebody else in the same browser, who comes to a page by that."""
    page.context.clear_cookies()
    page.goto(path)
    page.locator("[name=username]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(path)


@pytest.fixture(scope="module")
def bob(server: Server) -> None:
    server.manage("create_user", BOB, given=f"{PASSWORD}\n")


@pytest.fixture
def shared_with_bob(text: Text, bob: None) -> str:
    """The address of the recording, which Bob may correct, too."""
    pk = text.path.strip("/").rpartition("/")[2]
    text.server.manage("shell", "-v", "0", "-c", SHARE.format(pk=pk, email=BOB, role="editor"))
    return f"{text.server.url}{text.path}"


def test_text_of_one_person_is_not_sent_as_anothers(new_tab, text, shared_with_bob):
    ada = new_tab().context.new_page()
    ada.goto(shared_with_bob)
    intercept(ada, "**/edits/", lambda route: route.abort("internetdisconnected"))
    open_first(ada).fill("Ada's")
    expect(ada.locator("#save-status")).to_have_attribute("data-state", "offline")
    before = text.rows()

    bob = ada.context.new_page()
    sign_in(bob, BOB, shared_with_bob)
    expect(passage(bob, 0)).to_contain_text("word0.0")
    ada.unroute("**/edits/")
    expect(ada.locator("#save-status")).to_contain_text("Sign in again")
    expect(bob.locator("#save-status")).not_to_have_attribute("data-state", "saving")
    assert text.rows() == before

    ada.close(run_before_unload=False)
    sign_in(bob, EMAIL, shared_with_bob)
    saved(bob)
    assert text.rows()[0] == (0, "Ada's")


def test_draft_of_nobody_is_sent_by_whoever_says_so(new_tab, text):
    page = new_tab(text.path)
    page.evaluate(
        "key => localStorage.setItem(key, JSON.stringify({text: 'From before', revision: 0, at: 1}))",
        f"scripta-draft:{text.transcript}:0",
    )
    page.reload()
    expect(page.locator(".stand-in .seg-text")).to_have_text("From before")
    expect(passage(page, 0)).to_contain_text("word0.0")
    page.get_by_role("button", name="Save it").click()
    saved(page)
    assert text.rows()[0] == (0, "From before")
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('scripta-draft'))") == []


@pytest.mark.parametrize("way", ["reader", "deleted"])
def test_text_that_may_not_be_saved_any_more_can_be_copied(new_tab, text, shared_with_bob, way):
    pk = text.path.strip("/").rpartition("/")[2]
    page = new_tab().context.new_page()
    sign_in(page, BOB, shared_with_bob)
    area = open_first(page)
    if way == "reader":
        text.server.manage("shell", "-v", "0", "-c", SHARE.format(pk=pk, email=BOB, role="reader"))
        why = "This recording is shared with you to be read."
    else:
        text.server.manage("shell", "-v", "0", "-c", DELETE.format(pk=pk))
        why = "This text has been deleted, or is not shared with you any more."
    area.fill("Bob's")
    expect(page.locator(".conflict-title")).to_contain_text(why)
    expect(page.get_by_role("button", name="Copy my text")).to_be_visible()
    if way == "reader":
        page.reload()
        expect(page.locator(".stand-in .seg-text")).to_have_text("Bob's")
        page.get_by_role("button", name="Let it go").click()
        page.reload()
        expect(passage(page, 0)).to_contain_text("word0.0")
        expect(page.locator(".stand-in")).to_have_count(0)
