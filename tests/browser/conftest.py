from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.server import Server

EMAIL, PASSWORD = "ada@example.org", "correct horse battery"
NewTab = Callable[..., Page]

expect.set_options(timeout=15_000)  # a machine that runs other tests beside is slow


@pytest.fixture(scope="module")
def signed_in(server: Server, browser: Browser) -> Any:
    """The cookies of a person who has signed in."""
    server.manage("create_user", EMAIL, "--admin", given=f"{PASSWORD}\n")
    profile = browser.new_context()
    page = profile.new_page()
    page.goto(server.url)
    page.locator("[name=username]").fill(EMAIL)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Library").wait_for()
    state = profile.storage_state()
    profile.close()
    return state


@pytest.fixture
def new_tab(server: Server, browser: Browser, signed_in: Any) -> Iterator[NewTab]:
    """Opens tabs of the signed-in person. An error or a refused resource in any of them fails the test."""
    problems: list[str] = []
    profiles: list[BrowserContext] = []

    def note(message: ConsoleMessage) -> None:
        # What Chromium itself reports of requests while a test has taken the network away is the test's own doing.
        if message.type in {"error", "warning"} and "net::ERR_INTERNET_DISCONNECTED" not in message.text:
            problems.append(f"{message.text} {message.location['url']}")

    def open_tab(path: str = "/", **options: Any) -> Page:
        sizes = {"viewport": {"width": 1280, "height": 800}} | options
        profile = browser.new_context(storage_state=signed_in, locale="en-GB", **sizes)
        profile.set_default_timeout(15_000)
        profiles.append(profile)
        page = profile.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{server.url}{path}")
        return page

    yield open_tab
    for profile in profiles:
        profile.close()
    assert problems == []


@pytest.fixture
def tab(new_tab: NewTab) -> Page:
    """The library of the signed-in person."""
    return new_tab()
