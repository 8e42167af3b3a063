"""Sharing in real browsers: with a person who comments and is shut out again; by a link in a private window."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import EMAIL
from tests.browser.test_every_page import LOOKS, flaws, too_wide
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]
GRACE, PASSWORD = "grace@example.org", "correct horse battery"
SEED = """
from django.conf import settings
from accounts.models import User
from tests.factories import make_job, make_media, make_transcript
from transcription.models import Job
from transcription.services.recordings import rename_recording, save_waveform
settings.UPLOADS.mkdir(exist_ok=True)
talk = make_media(User.objects.get(email={email!r}), folder=settings.UPLOADS)
rename_recording(recording=talk, title="Board meeting")
save_waveform(recording_id=talk.pk, peaks=bytes(range(250)), seconds=talk.duration)
told = make_job(talk, vocabulary="word1.1")
Job.objects.filter(pk=told.pk).update(transcript=make_transcript(talk, segments=3), state="done")
print(talk.pk)
"""
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
    """The path of a recording with three passages."""
    server.manage("create_user", GRACE, "--name", "Grace", given=f"{PASSWORD}\n")
    return f"/recordings/{server.manage('shell', '-v', '0', '-c', SEED.format(email=EMAIL)).strip()}/"


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


def no_flaws(page: Page) -> None:
    assert (page.url, flaws(page), too_wide(page)) == (page.url, [], [])


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
    owner.emulate_media(reduced_motion="reduce")
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
    page.emulate_media(reduced_motion="reduce")
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
