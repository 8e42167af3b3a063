"""An audience in a real browser: words appear, the reader scrolls, the hall looks on, the link is withdrawn."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from redis import Redis

from config.embedded import redis_url
from tests.browser.conftest import EMAIL
from tests.browser.test_every_page import LOOKS, flaws, too_wide
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]
SEED = """
from accounts.models import User
from tests.factories import add_finals, make_live
from transcription.models import Recording
from transcription.services import links
owner = User.objects.get(email={email!r})
live = make_live(owner)
Recording.objects.filter(pk=live.pk).update(title="Opening lecture")
add_finals(live, {said}, words=12)
print(live.pk, live.transcript_id, links.create_link(recording=live.recording, user=owner)[1])
"""
ADD = """
INSERT INTO transcription_transcriptsegment
    (transcript_id, index, rank, start, "end", text, language, confidence, doubt, words)
VALUES (%s, %s, %s, %s, %s, %s, 'en', 1, '', '[]') RETURNING id
"""


@dataclass
class Talk:
    """A live recording whose speaker is this test."""

    server: Server
    pk: str
    transcript: int
    token: str
    index: int

    @property
    def path(self) -> str:
        return f"/watch/{self.token}/"

    def say(self, text: str) -> None:
        self.server.query(ADD, self.transcript, self.index, self.index, self.index * 4.0, self.index * 4.0 + 3, text)
        self.index += 1

    def think(self, stable: str, unstable: str, *, revision: int) -> None:
        partial = {
            "revision": revision,
            "index": self.index,
            "start": self.index * 4.0,
            "stable": stable,
            "unstable": unstable,
        }
        with Redis.from_url(redis_url(self.server.data)) as redis:
            redis.set(f"scripta:live:{self.pk.replace('-', '')}:partial", json.dumps(partial), ex=60)

    def end(self) -> None:
        self.server.query("UPDATE transcription_recording SET state = 'closing' WHERE id = %s RETURNING id", self.pk)

    def withdraw(self) -> None:
        self.server.query(
            "UPDATE transcription_sharelink SET revoked_at = now() WHERE recording_id = %s RETURNING id", self.pk
        )


@pytest.fixture
def begin(server: Server, signed_in) -> Callable[[int], Talk]:
    def start(said: int = 3) -> Talk:
        told = server.manage("shell", "-v", "0", "-c", SEED.format(email=EMAIL, said=said)).split()
        return Talk(server, told[0], int(told[1]), told[2], said)

    return start


@pytest.fixture
def talk(begin) -> Talk:
    return begin()


@pytest.fixture
def visit(server: Server, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages for somebody without an account. An error or a refused resource fails the test."""
    problems: list[str] = []
    profiles = []

    def go(path: str, **options: Any) -> Page:
        profile = browser.new_context(locale="en-GB", **({"viewport": {"width": 1280, "height": 800}} | options))
        profiles.append(profile)
        page = profile.new_page()
        page.on("console", lambda message: message.type in {"error", "warning"} and problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"{server.url}{path}")
        return page

    yield go
    for profile in profiles:
        profile.close()
    assert [each for each in problems if "ERR_INTERNET_DISCONNECTED" not in each] == []


def is_at_end(page: Page) -> bool:
    return page.evaluate("innerHeight + scrollY >= document.documentElement.scrollHeight - 2")


def test_words_appear_as_they_are_spoken(visit, talk):
    page = visit(talk.path)
    expect(page.get_by_role("status")).to_have_text("Live")
    expect(page.locator("#said .said")).to_have_count(3)
    talk.think(" Good", " evening", revision=1)
    expect(page.locator("#open p")).to_have_text("Good evening")
    expect(page.locator("#unstable")).to_have_text(" evening")
    talk.say("Good evening, everybody.")
    expect(page.get_by_role("log").locator("p").last).to_have_text("Good evening, everybody.")
    expect(page.locator("#open")).to_be_hidden()
    expect(page.locator("#said .said")).to_have_count(4)
    assert page.context.cookies() == []


def test_end_is_told_kindly(visit, talk):
    page = visit(talk.path)
    expect(page.get_by_role("status")).to_have_text("Live")
    talk.say("Thank you.")
    talk.end()
    expect(page.get_by_role("heading", name="That was all")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("Ended")
    expect(page.locator("#said .said").last).to_contain_text("Thank you.")
    page.reload()
    expect(page.get_by_role("heading", name="That was all")).to_be_visible()
    expect(page.locator("#said").get_by_text("Thank you.")).to_be_visible()


def test_withdrawn_link_is_told_plainly(visit, server, talk):
    page = visit(talk.path)
    expect(page.get_by_role("status")).to_have_text("Live")
    talk.withdraw()
    expect(page.get_by_role("heading", name="This link was withdrawn")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("Link withdrawn")
    assert page.request.get(f"{server.url}{talk.path}").status == 410


def test_page_goes_on_after_the_network_was_away(visit, talk):
    page = visit(talk.path)
    expect(page.get_by_role("status")).to_have_text("Live")
    page.context.set_offline(True)
    expect(page.get_by_role("status")).to_have_text(re.compile("offline|Reconnecting"))
    talk.say("Said while nobody could hear.")
    page.context.set_offline(False)
    expect(page.get_by_role("status")).to_have_text("Live", timeout=40_000)
    expect(page.locator("#said").get_by_text("Said while nobody could hear.")).to_be_visible()
    assert page.locator("#said .said").count() == 4


def test_page_follows_until_the_reader_scrolls(visit, begin):
    talk = begin(60)
    page = visit(talk.path)
    expect(page.get_by_role("status")).to_have_text("Live")
    assert is_at_end(page)
    talk.say("The newest.")
    expect(page.locator("#said").get_by_text("The newest.")).to_be_in_viewport()
    page.mouse.move(600, 400)
    page.mouse.wheel(0, -2000)
    back = page.get_by_role("button", name="Jump to live")
    expect(back).to_be_visible()
    where = page.evaluate("scrollY")
    talk.say("Newer still.")
    expect(page.locator("#said").get_by_text("Newer still.")).to_be_attached()
    assert page.evaluate("scrollY") == where
    back.click()
    expect(page.locator("#said").get_by_text("Newer still.")).to_be_in_viewport()
    expect(back).to_be_hidden()
    talk.say("And it goes on.")
    expect(page.locator("#said").get_by_text("And it goes on.")).to_be_in_viewport()


def test_stage_shows_the_last_lines(visit, begin):
    talk = begin(30)
    page = visit(talk.path)
    expect(page.get_by_role("status")).to_have_text("Live")
    page.keyboard.press("f")
    stage = page.get_by_role("dialog", name="Presentation view")
    expect(stage).to_be_visible()
    page.wait_for_function("() => document.fullscreenElement !== null")
    talk.think(" These are", " the last", revision=1)
    expect(stage).to_contain_text("These are the last")
    lines = page.locator("#stage-lines")
    height, line = lines.evaluate("(box) => [box.clientHeight, parseFloat(getComputedStyle(box).lineHeight)]")
    assert round(height / line) == 3
    end = page.locator("#stage-unstable").bounding_box()
    box = lines.bounding_box()
    assert end["y"] + end["height"] <= box["y"] + box["height"] + line * 0.2

    def size() -> float:
        return lines.evaluate("(box) => parseFloat(getComputedStyle(box).fontSize)")

    usual = size()
    page.keyboard.press("+")
    larger = size()
    page.keyboard.press("-")
    page.keyboard.press("-")
    assert size() < usual < larger
    page.keyboard.press("c")
    expect(stage).to_have_attribute("data-colours", "yellow-on-dark")
    stage.get_by_role("button", name="Leave the presentation view").click()
    expect(stage).to_be_hidden()
    page.wait_for_function("() => document.fullscreenElement === null")


def test_stage_is_left_with_escape_and_remembers_its_looks(visit, talk):
    page = visit(f"{talk.path}#presentation")
    stage = page.get_by_role("dialog", name="Presentation view")
    expect(stage).to_be_visible()
    page.keyboard.press("c")
    page.keyboard.press("Escape")
    expect(stage).to_be_hidden()
    page.reload()
    expect(page.get_by_role("dialog", name="Presentation view")).to_have_attribute("data-colours", "yellow-on-dark")


def test_stage_has_no_single_keys_where_they_are_switched_off(visit, talk):
    page = visit(talk.path)
    page.locator("#single-keys").evaluate("(box) => box.click()")
    page.goto(f"{page.url}#presentation")
    page.reload()
    stage = page.get_by_role("dialog", name="Presentation view")
    expect(stage).to_be_visible()
    page.keyboard.press("c")
    expect(stage).to_have_attribute("data-colours", "light-on-dark")
    page.keyboard.press("Escape")
    expect(stage).to_be_hidden()


def test_stage_does_not_break_its_lines_anew_when_it_forgets(visit, talk):
    page = visit(f"{talk.path}#presentation")
    expect(page.locator("#stage-state")).to_be_hidden()
    for number in range(40):
        talk.say(f"Sentence {number} of a talk that goes on and on without any end.")
    expect(page.locator("#stage-finals")).to_contain_text("Sentence 39 ")
    kept = page.locator("#stage-finals > span").count()
    assert kept <= 30
    top = page.locator("#stage-finals > span").first.evaluate("(span) => span.getClientRects()[0].left")
    assert top == page.locator("#stage-finals").evaluate("(all) => all.getClientRects()[0].left")


def test_size_of_the_text_and_keys(visit, talk):
    page = visit(talk.path)

    def size() -> float:
        return page.locator("#said .said").first.evaluate("(row) => parseFloat(getComputedStyle(row).fontSize)")

    usual = size()
    page.get_by_role("button", name="Larger text").click()
    assert size() > usual
    page.reload()
    assert size() > usual
    page.keyboard.press("-")
    assert size() == usual
    page.get_by_role("checkbox", name=re.compile("Shortcuts")).uncheck()
    page.keyboard.press("-")
    page.keyboard.press("f")
    assert size() == usual
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_said_can_be_read_without_javascript(visit, talk):
    page = visit(talk.path, java_script_enabled=False)
    expect(page.locator("#said").get_by_text("word2.0")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS)
def test_pages_of_an_audience_have_no_flaws(visit, begin, look):
    talk = begin(12)
    page = visit(talk.path, **LOOKS[look])
    expect(page.get_by_role("status")).to_have_text("Live")
    talk.think(" Something", " open", revision=1)
    expect(page.locator("#open")).to_be_visible()
    assert (flaws(page), too_wide(page)) == ([], [])
    page.get_by_role("button", name="Present on the full screen").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert (flaws(page), too_wide(page)) == ([], [])
    page.get_by_role("button", name="Leave the presentation view").click()
    talk.end()
    expect(page.get_by_role("heading", name="That was all")).to_be_visible()
    assert (flaws(page), too_wide(page)) == ([], [])


@pytest.mark.parametrize("look", LOOKS)
def test_speaker_makes_and_withdraws_a_link(new_tab, visit, talk, look):
    page = new_tab(f"/recordings/{talk.pk}/", **LOOKS[look])
    panel = page.get_by_role("region", name="Let others follow")
    before = panel.get_by_role("button", name="Withdraw").count()
    panel.get_by_role("button", name="Make another link").click()
    address = panel.get_by_label("Link for your audience").input_value()
    assert re.fullmatch(rf"{re.escape(talk.server.url)}/watch/[\w-]{{43}}/", address)
    expect(panel.get_by_role("button", name="Withdraw")).to_have_count(before + 1)
    assert (flaws(page), too_wide(page)) == ([], [])
    panel.get_by_role("button", name="Show the code large").click()
    expect(page.get_by_text("Scan to read along")).to_be_visible()
    assert flaws(page) == []
    page.get_by_role("button", name="Close").click()
    watcher = visit(address.removeprefix(talk.server.url))
    expect(watcher.get_by_role("status")).to_have_text("Live")
    panel.get_by_role("button", name="Withdraw").first.click()
    expect(panel.get_by_role("button", name="Withdraw")).to_have_count(before)
    expect(panel.get_by_label("Link for your audience")).to_have_count(0)
    expect(watcher.get_by_role("heading", name="This link was withdrawn")).to_be_visible()


def test_owner_looks_on_with_the_session(new_tab, talk):
    page = new_tab(f"/recordings/{talk.pk}/watch/")
    expect(page.get_by_role("status")).to_have_text("Live")
    talk.say("Seen by the owner.")
    expect(page.locator("#said").get_by_text("Seen by the owner.")).to_be_visible()
    talk.end()
    expect(page.get_by_role("link", name="Open the transcript")).to_be_visible()
