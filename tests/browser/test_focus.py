"""Where the focus is when a dialog is closed, or a panel drawn anew."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.server]
GRACE = "grace@example.org"


@pytest.mark.parametrize("name", ["Keyboard shortcuts", "Transcribe again…", "Import captions…"])
def test_dialog_from_a_menu_gives_the_focus_to_the_menu(new_tab, text, name):
    page = new_tab(text.path)
    more = page.locator(".recording-actions summary[aria-label=More]")
    more.press("Enter")
    page.get_by_role("button", name=name).press("Enter")
    expect(page.get_by_role("dialog", name=name.rstrip("…"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(more).to_be_focused()


def test_dialog_from_a_row_gives_the_focus_to_its_menu(new_tab, text):
    page = new_tab()
    row = page.locator(".row").first
    more = row.locator("summary")
    for name, heading in (("Rename", "Rename"), ("Tags…", "Tags of")):
        more.press("Enter")
        row.get_by_role("link", name=name).press("Enter")
        expect(page.get_by_role("dialog", name=heading)).to_be_visible()
        page.keyboard.press("Escape")
        expect(more).to_be_focused()
    more.press("Enter")
    row.get_by_role("link", name="Rename").press("Enter")
    page.keyboard.type("Another title")
    page.keyboard.press("Enter")
    expect(row.get_by_role("link", name="Another title", exact=True)).to_be_visible()
    expect(more).to_be_focused()


def test_share_goes_to_what_it_said(new_tab, server, text):
    server.manage("create_user", GRACE, "--name", "Grace", given="correct horse battery\n")
    page = new_tab(text.path)
    page.get_by_role("link", name="Share", exact=True).click()
    dialog = page.get_by_role("dialog", name="Share")
    address, said = dialog.get_by_label("E-mail address"), dialog.locator(".sharing-said")
    address.fill("nobody@example.org")
    dialog.get_by_role("button", name="Share with this person").click()
    expect(dialog.get_by_text("Nobody here uses this e-mail address.")).to_be_visible()
    expect(dialog.get_by_role("alert")).to_be_focused()
    address.fill(GRACE)
    address.press("Enter")
    expect(said).to_have_text("Shared with Grace.")
    expect(dialog.locator(".htmx-settling")).to_have_count(0)  # only then the focus goes where it is to be
    expect(address).to_be_focused()
    dialog.get_by_role("button", name="Withdraw Grace").press("Enter")
    expect(said).to_have_text("Grace does not see this recording any more.")
    expect(said).to_be_focused()
    dialog.locator("summary", has_text="Make a link").click()
    dialog.get_by_label("Password").fill("short")
    dialog.get_by_role("button", name="Make the link").click()
    expect(dialog.get_by_role("alert")).to_be_focused()
    dialog.get_by_label("Password").fill("long enough")
    dialog.get_by_role("button", name="Make the link").click()
    expect(dialog.get_by_label("The new link")).to_be_focused()
    dialog.get_by_role("button", name="Withdraw", exact=False).last.click()
    expect(said).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Share", exact=True)).to_be_focused()
