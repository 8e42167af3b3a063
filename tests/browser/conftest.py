from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, expect

from tests.browser.editing import Text
from tests.browser.speaker import Speaker
from tests.server import ROOT, Server
from tests.sounds import silence, speech, write_sound
from transcription.management.benchmarks.chromium import CHROMIUM, FLAGS, microphone

EMAIL, PASSWORD = "ada@example.org", "correct horse battery"
EXPECTED = re.compile(r"net::ERR_(INTERNET_DISCONNECTED|CONNECTION_REFUSED)|status of 40[09] ")
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
        # What Chromium itself reports while a test has taken network or server away, or of a refusal that the page is
        # there to show, is the test's own doing.
        if message.type in {"error", "warning"} and not EXPECTED.search(message.text):
            problems.append(f"{message.text} {message.location['url']}")

    def open_tab(path: str = "/", **options: Any) -> Page:
        usual = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB"}
        profile = browser.new_context(storage_state=signed_in, **(usual | options))
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


@pytest.fixture
def text(server: Server, signed_in: Any) -> Text:
    """Of a recording of one's own."""
    return Text(server, EMAIL)


@pytest.fixture(scope="module")
def hearing(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser whose microphone plays a sentence and two seconds of silence, over and over."""
    path = tmp_path_factory.mktemp("microphone") / "said.wav"
    write_sound(path, np.concatenate([speech(), silence(2)]), "-ar", "48000", "-c:a", "pcm_s16le")
    chromium = browser.browser_type.launch(executable_path=CHROMIUM, headless=True, args=[*FLAGS, *microphone(path)])
    yield chromium
    chromium.close()


@pytest.fixture
def speaking(hearing: Browser, signed_in: Any) -> Iterator[BrowserContext]:
    """Of a signed-in person who has allowed the microphone."""
    profile = hearing.new_context(storage_state=signed_in, locale="en-GB", permissions=["microphone"])
    profile.set_default_timeout(20_000)
    yield profile
    profile.close()


@pytest.fixture
def speaker(server: Server, speaking: BrowserContext) -> Iterator[Speaker]:
    person = Speaker(server, speaking)
    yield person
    assert person.problems == []


@pytest.fixture(scope="module")
def modules(browser: Browser) -> Iterator[Page]:
    """A page of nothing, from which the modules can be imported as they are in the folder."""

    def serve(route: Route) -> None:
        path = route.request.url.removeprefix("http://localhost:1/")
        if path:
            route.fulfill(path=ROOT / "static" / path, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html>", content_type="text/html")

    profile = browser.new_context()
    page = profile.new_page()
    page.route("http://localhost:1/**", serve)
    page.goto("http://localhost:1/")
    yield page
    profile.close()
