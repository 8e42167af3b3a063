"""Comments in a real browser: many of them, long threads, and people named in them."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.talk import make_talk, no_flaws
from tests.browser.test_every_page import LOOKS, flaws, too_wide
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]
MANY = """
from transcription.models import Comment, Recording
talk = Recording.objects.get(pk={pk!r})
transcript = talk.transcripts.order_by("-version").first()
talk.comments.all().delete()
made = Comment.objects.bulk_create(
    Comment(recording=talk, transcript=transcript, start=number / 10, index=0, name="Ada", text=str(number))
    for number in range(60)
)
print(made[-1].pk)
"""
NAMED = """
from accounts.models import User
from tests.factories import make_user, share
from transcription.models import Recording
talk = Recording.objects.get(pk={pk!r})
talk.grants.all().delete()
for name in ("Grace Hopper", "Grace Kelly", "Max"):
    address = name.replace(" ", "") + "@example.org"
    share(talk, User.objects.filter(email=address).first() or make_user(address, name=name))
"""
ANSWERED = """
from transcription.models import Comment, Recording
talk = Recording.objects.get(pk={pk!r})
talk.comments.all().delete()
where = dict(recording=talk, transcript=talk.transcripts.order_by("-version").first(), start=0.0, name="Ada")
root = Comment.objects.create(**where, text="Why?")
answers = [Comment.objects.create(**where, parent=root, text=str(number)) for number in range(9)]
print(root.pk, answers[1].pk, answers[3].pk)
"""


@pytest.fixture(scope="module")
def talk(server: Server, signed_in: Any) -> str:
    return make_talk(server)


def test_comments_come_in_pages_and_an_address_finds_a_late_one(server, new_tab, talk):
    late = server.manage("shell", "-v", "0", "-c", MANY.format(pk=talk.split("/")[2])).strip()
    page = new_tab(talk)
    if not page.locator("#comments").is_visible():
        page.get_by_role("button", name="Comments").click()
    threads = page.locator("#comments-list .thread")
    expect(page.locator("#comments-count")).to_have_text("60")
    expect(threads).to_have_count(50)
    no_flaws(page)
    page.get_by_role("link", name="Show more of 10 further threads").click()
    expect(threads).to_have_count(60)
    page.goto(f"{server.url}{talk}?again#comment-{late}")
    expect(page.locator(f"#comment-{late}")).to_be_in_viewport()


def test_name_is_chosen_behind_an_at_sign_by_keys_alone(server, new_tab, talk):
    server.manage("shell", "-v", "0", "-c", NAMED.format(pk=talk.split("/")[2]))
    page = new_tab(talk)
    page.locator("#s0").focus()
    page.keyboard.press("c")
    text = page.locator("#comment-new-text")
    expect(text).to_be_focused()
    options = page.get_by_role("listbox", name="People who see this recording").get_by_role("option")
    page.keyboard.type("Look, @")
    expect(options).to_have_text(["Grace Hopper", "Grace Kelly", "Max"])
    expect(text).to_have_attribute("aria-activedescendant", "comment-name-1")
    assert (flaws(page), too_wide(page)) == ([], [])
    page.keyboard.press("ArrowUp")
    expect(options.nth(2)).to_have_attribute("aria-selected", "true")
    page.keyboard.type("grace")
    expect(options).to_have_text(["Grace Hopper", "Grace Kelly"])
    page.keyboard.press("ArrowDown")
    expect(text).to_have_attribute("aria-activedescendant", "comment-name-2")
    page.keyboard.press("Enter")
    expect(text).to_have_value("Look, @Grace Kelly ")
    expect(options).to_have_count(0)
    expect(text).not_to_have_attribute("aria-controls", "comment-names")
    page.keyboard.type("and @hop")
    expect(options).to_have_text(["Grace Hopper"])
    page.keyboard.press("Tab")
    expect(text).to_have_value("Look, @Grace Kelly and @Grace Hopper ")
    expect(text).to_be_focused()
    page.keyboard.type("or max@example.org or @ma")
    expect(options).to_have_text(["Max"])
    page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    page.keyboard.type("x.")
    page.keyboard.press("Enter")
    page.keyboard.type("Thanks")
    expect(text).to_have_value("Look, @Grace Kelly and @Grace Hopper or max@example.org or @max.\nThanks")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#comments-list")).to_contain_text("Look, @Grace Kelly and @Grace Hopper")


def test_name_is_chosen_by_touch_on_a_phone(server, new_tab, talk):
    server.manage("shell", "-v", "0", "-c", NAMED.format(pk=talk.split("/")[2]))
    page = new_tab(talk, **LOOKS["phone"])
    page.locator("#s0").focus()
    page.keyboard.press("c")
    page.keyboard.type("@gr")
    option = page.get_by_role("option", name="Grace Kelly")
    expect(option).to_be_in_viewport()
    assert (flaws(page), too_wide(page)) == ([], [])
    option.tap()
    expect(page.locator("#comment-new-text")).to_have_value("@Grace Kelly ")
    expect(page.locator("#comment-new-text")).to_be_focused()


def test_answers_in_the_middle_of_a_long_thread_are_shown_on_demand(server, new_tab, talk):
    first, hidden, later = server.manage("shell", "-v", "0", "-c", ANSWERED.format(pk=talk.split("/")[2])).split()
    page = new_tab(f"{talk}#thread-{first}")
    thread = page.locator(f"#thread-{first}")
    answers = thread.locator(".comment-text")
    expect(answers).to_have_text(["Why?", "0", "6", "7", "8"])
    no_flaws(page)
    thread.get_by_role("link", name="Show 5 more answers").press("Enter")
    expect(answers).to_have_text(["Why?", *map(str, range(9))])
    expect(page.locator(f"#comment-{hidden}")).to_be_focused()
    thread.locator("summary", has_text="Answer").click()
    thread.get_by_label("Your answer").fill("9")
    thread.get_by_role("button", name="Send").click()
    expect(answers).to_have_text(["Why?", *map(str, range(10))])
    page.goto(f"{server.url}{talk}?again#comment-{later}")
    expect(page.locator(f"#comment-{later}")).to_be_in_viewport()
