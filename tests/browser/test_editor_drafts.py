"""What is written while the server cannot be reached is gone on with, never begun anew."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.test_editor import Text, passage, saved, text  # noqa: F401  (text is a fixture)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.server,
    pytest.mark.parametrize("server", [{"SCRIPTA_MODEL": "1.0"}], indirect=True),
]


def test_draft_is_shown_and_gone_on_with_before_it_is_saved(new_tab, text: Text):  # noqa: F811
    page = new_tab(text.path)
    page.route("**/edits/", lambda route: route.abort("internetdisconnected"))
    page.keyboard.press("j")
    page.keyboard.press("e")
    passage(page, 0).locator("textarea").fill("Written on a train")
    expect(page.locator("#save-status")).to_have_attribute("data-state", "offline")
    page.close(run_before_unload=False)

    again = page.context.new_page()
    again.route("**/edits/", lambda route: route.abort("internetdisconnected"))
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
