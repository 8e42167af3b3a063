"""The ways in, in a real browser against the whole product: its Origin header, autofocus, clipboard and style rules."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import BrowserContext, Page, expect

from tests.accounts.conftest import PASSWORD, token_of
from tests.server import Server, started_before

pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture(scope="module")
def server(first_start: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Of its own: it tells the way in when it starts."""
    with Server(started_before(tmp_path_factory.mktemp("server"), first_start)) as running:
        yield running


def fill(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(value)


def test_first_run_then_invitation_then_signing_in(server: Server, page: Page, context: BrowserContext) -> None:
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    [link] = re.findall(rf"{server.url}/accounts/first-run/\S+", server.output())

    page.goto(link)
    expect(page).to_have_url(f"{server.url}/accounts/first-run/")
    fill(page, name="Grace", email="grace@example.org", password1=PASSWORD, password2=PASSWORD)
    page.get_by_role("button", name="Create account and start").click()
    expect(page).to_have_url(f"{server.url}/")

    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{server.url}/accounts/invitations/")
    page.get_by_label("E-mail address").fill("linus@example.org")
    page.get_by_role("button", name="Invite").click()
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    invitation = page.evaluate("navigator.clipboard.readText()")
    assert invitation.startswith(f"{server.url}/accounts/invitation/")

    context.clear_cookies()
    page.goto(invitation)
    expect(page).to_have_url(f"{server.url}/accounts/invitation/")
    fill(page, name="Linus", password1="password", password2="password")
    page.get_by_role("button", name="Create account").click()
    expect(page.locator("[name=password1]")).to_be_focused()
    fill(page, name="Linus", password1=PASSWORD, password2=PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page).to_have_url(f"{server.url}/")

    context.clear_cookies()
    page.goto(f"{server.url}/accounts/profile/")
    expect(page.get_by_label("E-mail address")).to_be_focused()
    fill(page, username="LINUS@example.org", password=PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{server.url}/accounts/profile/")
    page.get_by_label("Theme").select_option("dark")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    page.get_by_text("New key").click()
    page.get_by_label("Name", exact=True).last.fill("Lecture hall")
    page.get_by_role("button", name="Create key").click()
    page.get_by_role("button", name="Copy key").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    key = page.evaluate("navigator.clipboard.readText()")
    expect(page.get_by_label("Your new key “Lecture hall”")).to_have_value(key)
    headers = {"Authorization": f"Bearer {key}"}
    assert requests.get(f"{server.url}/api/v1/live/", headers=headers, timeout=5).json() == []
    page.get_by_role("button", name="Revoke the key Lecture hall").click()
    expect(page.get_by_text("revoked", exact=True)).to_be_visible()
    assert requests.get(f"{server.url}/api/v1/live/", headers=headers, timeout=5).status_code == 401
    assert refused == []

    page.goto(link)  # dead now, and its 404 must not be logged with the secret either
    expect(page.get_by_role("heading", name="This link is not valid any more")).to_be_visible()
    log = wait_for_line(server.data / "logs" / "web.log", "/accounts/first-run/[secret]")
    assert token_of(link) not in log
    assert log.count(token_of(invitation)) == 1  # the mail itself, which goes to the console


def wait_for_line(path: Path, text: str) -> str:
    deadline = time.monotonic() + 10
    while text not in (log := path.read_text()):
        assert time.monotonic() < deadline, log
        time.sleep(0.05)
    return log
