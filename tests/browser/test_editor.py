"""Correcting a transcript in a real browser: by keyboard alone, by two people at once, without a network."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import EMAIL
from tests.browser.test_every_page import LOOKS, flaws, too_wide
from tests.server import Server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.server,
    pytest.mark.parametrize("server", [{"SCRIPTA_MODEL": "1.0"}], indirect=True),
]
SEED = """
from django.conf import settings
from accounts.models import User
from tests.factories import make_media, make_transcript
settings.UPLOADS.mkdir(exist_ok=True)
owner = User.objects.get(email={email!r})
recording = make_media(owner, folder=settings.UPLOADS)
transcript = make_transcript(recording, segments={segments})
transcript.segments.filter(index=1).update(doubt="unsure")
print(recording.pk, transcript.pk)
"""
STEP = """
from accounts.models import User
from transcription.services import editing, edits
by = edits.By(User.objects.get(email={email!r}))
editing.change_text(transcript_id={transcript}, by=by, index={number}, revision=0, text="Step {number}")
"""
TEXTS = "SELECT index, text FROM transcription_transcriptsegment WHERE transcript_id = %s ORDER BY rank"


class Text:
    """A recording with a transcript of its own, and what the database says of it."""

    def __init__(self, server: Server, segments: int = 3) -> None:
        told = server.manage("shell", "-v", "0", "-c", SEED.format(email=EMAIL, segments=segments)).split()
        self.server, self.path, self.transcript = server, f"/recordings/{told[0]}/", int(told[1])

    def rows(self) -> list[tuple[int, str]]:
        return self.server.query(TEXTS, self.transcript)

    def delete(self, **edit: object) -> None:
        self.edit(service="delete_passage", **edit)

    def edit(self, *, service: str = "change_text", **edit: object) -> None:
        """As another person would, in another process."""
        code = (
            "from accounts.models import User; from transcription.services import editing, edits;"
            "user = User.objects.filter(email='eve@example.org').first();"
            "user = user or User.objects.create_user('eve@example.org', 'x');"
            f"editing.{service}(transcript_id={self.transcript}, by=edits.By(user), **{edit!r})"
        )
        self.server.manage("shell", "-v", "0", "-c", code)


@pytest.fixture
def text(server: Server, signed_in) -> Text:
    return Text(server)


def passage(page: Page, index: int):
    return page.locator(f"#s{index}")


def saved(page: Page) -> None:
    expect(page.locator("#save-status")).to_have_attribute("data-state", "saved")


def test_whole_correction_by_keyboard_alone(new_tab, text):
    page = new_tab(text.path)
    page.keyboard.press("ArrowDown")
    expect(passage(page, 0)).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type(" And more.")
    saved(page)
    page.keyboard.press("Control+Enter")  # nothing behind the caret: refused, and the text stays
    expect(page.get_by_text("There is no text on one side")).to_be_visible()
    for _ in "And more.":
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Control+Enter")
    expect(passage(page, 3).locator("textarea")).to_be_focused()
    page.keyboard.press("Escape")
    expect(passage(page, 3)).to_be_focused()
    page.keyboard.press("s")
    page.keyboard.type("Grace")
    page.keyboard.press("Enter")
    expect(passage(page, 3).locator(".seg-speaker")).to_have_text("Grace")
    page.keyboard.press("Control+Shift+Backspace")
    expect(passage(page, 3)).to_have_count(0)
    expect(passage(page, 0)).to_be_focused()
    page.keyboard.press("Control+z")
    expect(passage(page, 3)).to_have_count(1)
    page.keyboard.press("Control+Shift+Z")
    expect(passage(page, 3)).to_have_count(0)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("o")
    expect(passage(page, 1).locator(".seg-doubt")).to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.type("word2")
    page.keyboard.press("Tab")
    page.keyboard.type("Wort")
    expect(page.locator("#replace-count")).to_have_text("5 places in 1 passage")
    page.keyboard.press("Enter")
    expect(passage(page, 2)).to_contain_text("Wort.0 Wort.1")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()

    assert text.rows() == [
        (0, "word0.0 word0.1 word0.2 word0.3 word0.4 And more."),
        (1, "word1.0 word1.1 word1.2 word1.3 word1.4"),
        (2, "Wort.0 Wort.1 Wort.2 Wort.3 Wort.4"),
    ]


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_every_state_is_free_of_flaws(new_tab, text, look):
    page = new_tab(text.path, **LOOKS[look])
    page.emulate_media(reduced_motion="reduce")
    found = {}

    def look_at(state: str) -> None:
        found[state] = flaws(page) + too_wide(page)

    passage(page, 0).locator(".seg-more").click()
    look_at("menu of a passage")
    page.get_by_role("menuitem", name="Speaker").click()
    look_at("who speaks")
    page.get_by_label("Name", exact=True).fill("Ada")
    page.keyboard.press("Enter")
    expect(passage(page, 0).locator(".seg-speaker")).to_have_text("Ada")
    page.get_by_role("button", name="Replace").click()
    page.get_by_label("Find", exact=True).fill("word")
    expect(page.locator("#replace-count")).to_contain_text("places")
    look_at("replacing")
    page.get_by_role("tab", name="Speakers").click()
    look_at("speakers")
    page.get_by_role("tab", name="Doubtful").click()
    expect(page.locator(".doubtful [data-go]")).to_have_count(1)
    look_at("doubtful passages")
    page.keyboard.press("Escape")
    passage(page, 2).locator(".seg-text").dblclick()
    look_at("a field")
    text.edit(index=2, revision=0, text="Theirs")
    passage(page, 2).locator("textarea").fill("Mine")
    expect(page.locator(".conflict-theirs")).to_have_text("Theirs")
    look_at("a conflict")
    assert found == dict.fromkeys(found, [])


def test_conflict_shows_both_texts_and_loses_none(new_tab, text):
    page = new_tab(text.path)
    passage(page, 0).locator(".seg-text").hover()
    page.get_by_text("word0.2").dblclick()
    area = passage(page, 0).locator("textarea")
    expect(area).to_be_focused()
    page.context.set_offline(True)
    area.fill("Mine")
    expect(page.locator("#save-status")).to_have_text("Offline – 1 unsaved")
    text.edit(index=0, revision=0, text="Theirs")
    page.context.set_offline(False)
    expect(page.locator(".conflict-theirs")).to_have_text("Theirs")
    expect(area).to_have_value("Mine")
    assert text.rows()[0] == (0, "Theirs")

    page.get_by_role("button", name="Keep mine").click()
    saved(page)
    assert text.rows()[0] == (0, "Mine")


def lose_answers(page: Page, times: int) -> None:
    """The next edits are done, but the page is not told."""
    left = iter(range(times))

    def pass_on(route) -> None:
        if route.request.method != "POST" or next(left, None) is None:
            return route.continue_()
        route.fetch()
        route.abort("internetdisconnected")
        return None

    page.route("**/edits/", pass_on)


def test_what_came_while_a_text_was_saved_is_not_overwritten(new_tab, text):
    page = new_tab(text.path)
    page.get_by_text("word0.2").dblclick()
    area = passage(page, 0).locator("textarea")
    lose_answers(page, 2)
    area.fill("Mine")
    expect(page.locator("#save-status")).to_have_attribute("data-state", "offline")
    text.edit(index=0, revision=1, text="Theirs")
    saved(page)  # the first was sent again, and had been done
    area.fill("Mine and more")
    expect(page.locator(".conflict-theirs")).to_have_text("Theirs")
    assert text.rows()[0] == (0, "Theirs")


def test_split_of_a_field_does_not_take_back_what_others_wrote(new_tab, text):
    page = new_tab(text.path)
    page.get_by_text("word0.2").dblclick()
    text.edit(index=0, revision=0, text="Theirs is here")
    expect(page.locator("#transcript")).to_have_attribute("data-revision", "1")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Somebody else has changed this passage")).to_be_visible()
    expect(passage(page, 0).locator("textarea")).to_have_value("Theirs is here")
    assert text.rows()[0] == (0, "Theirs is here")


def test_split_behind_emoji_is_where_the_caret_is(new_tab, text):
    page = new_tab(text.path)
    page.get_by_text("word0.2").dblclick()
    passage(page, 0).locator("textarea").fill("😀😀😀 one two")
    for _ in " two":
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Control+Enter")
    expect(passage(page, 3).locator("textarea")).to_have_value("two")
    assert text.rows()[:2] == [(0, "😀😀😀 one"), (3, "two")]


def test_step_whose_answer_is_lost_is_done_once(new_tab, text):
    for number in range(2):
        text.server.manage(
            "shell", "-v", "0", "-c", STEP.format(email=EMAIL, transcript=text.transcript, number=number)
        )
    page = new_tab(text.path)
    lose_answers(page, 1)
    page.get_by_role("button", name="Undo").click()
    expect(passage(page, 1).locator(".seg-text")).to_have_text("word1.0 word1.1 word1.2 word1.3 word1.4")
    assert text.rows()[:2] == [(0, "Step 0"), (1, "word1.0 word1.1 word1.2 word1.3 word1.4")]


def test_conflict_stays_while_the_writer_goes_on_elsewhere(new_tab, text):
    page = new_tab(text.path)
    page.get_by_text("word0.2").dblclick()
    page.context.set_offline(True)
    passage(page, 0).locator("textarea").fill("Mine")
    passage(page, 1).locator(".seg-text").dblclick()
    area = passage(page, 1).locator("textarea")
    text.edit(index=0, revision=0, text="Theirs")
    page.context.set_offline(False)
    expect(page.locator(".conflict-theirs")).to_have_text("Theirs")
    expect(area).to_be_focused()
    text.edit(index=0, revision=1, text="Theirs again")
    expect(page.locator("#transcript")).to_have_attribute("data-revision", "2")
    expect(passage(page, 0).locator(".seg-text")).to_have_text("Mine")
    expect(page.locator("#save-status")).to_have_text("1 not saved")

    page.get_by_role("button", name="Take theirs").click()
    expect(passage(page, 0).locator(".seg-text")).to_have_text("Theirs again")
    saved(page)


def test_passage_deleted_under_an_open_field_goes_when_the_field_is_left(new_tab, text):
    page = new_tab(text.path)
    page.get_by_text("word0.2").dblclick()
    text.delete(index=0, revision=0)
    expect(page.locator(".conflict-title")).to_contain_text("has deleted this passage")
    page.keyboard.press("Escape")
    expect(passage(page, 0)).to_have_count(0)


def test_text_of_an_earlier_visit_whose_passage_is_gone_is_shown(new_tab, text):
    page = new_tab(text.path)
    page.get_by_text("word0.2").dblclick()
    page.context.set_offline(True)
    passage(page, 0).locator("textarea").fill("Written on a train")
    expect(page.locator("#save-status")).to_have_attribute("data-state", "offline")
    page.close(run_before_unload=False)
    text.delete(index=0, revision=0)
    again = page.context.new_page()
    page.context.set_offline(False)
    again.goto(f"{text.server.url}{text.path}")
    expect(again.locator(".stand-in .seg-text")).to_have_text("Written on a train")
    again.get_by_role("button", name="Let it go").click()
    expect(again.locator(".stand-in")).to_have_count(0)
    saved(again)


def test_others_corrections_appear_by_themselves(new_tab, text):
    page = new_tab(text.path)
    text.edit(index=2, revision=0, text="From elsewhere")
    expect(passage(page, 2)).to_contain_text("From elsewhere")


def test_unsaved_correction_survives_a_closed_tab(new_tab, text):
    page = new_tab(text.path)
    passage(page, 0).locator(".seg-text").hover()
    page.get_by_text("word0.2").dblclick()
    page.context.set_offline(True)
    passage(page, 0).locator("textarea").fill("Written on a train")
    expect(page.locator("#save-status")).to_have_attribute("data-state", "offline")
    page.close(run_before_unload=False)
    again = page.context.new_page()
    page.context.set_offline(False)
    again.goto(f"{text.server.url}{text.path}")
    expect(passage(again, 0)).to_contain_text("Written on a train")
    assert text.rows()[0] == (0, "Written on a train")


def test_nothing_is_lost_when_the_server_is_killed(new_tab, text):
    page = new_tab(text.path)
    passage(page, 0).locator(".seg-text").hover()
    page.get_by_text("word0.2").dblclick()
    area = passage(page, 0).locator("textarea")
    area.fill("First")
    saved(page)
    text.server.processes()["web"].kill()
    area.fill("First, and then some more")
    saved(page)
    assert text.rows()[0] == (0, "First, and then some more")


def test_script_in_text_and_names_is_only_text(new_tab, text):
    page = new_tab(text.path)
    evil = "<img src=x onerror=document.title='bad'> & \u202eback"
    passage(page, 0).locator(".seg-text").hover()
    page.get_by_text("word0.2").dblclick()
    passage(page, 0).locator("textarea").fill(evil)
    saved(page)
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    page.keyboard.type("<b>Eve</b>")
    page.keyboard.press("Enter")
    expect(passage(page, 0).locator(".seg-speaker")).to_have_text("<b>Eve</b>")
    page.get_by_role("button", name="Speakers").click()
    expect(page.locator("#speaker-list input")).to_have_value("<b>Eve</b>")
    page.reload()
    expect(passage(page, 0).locator(".seg-text")).to_have_text("<img src=x onerror=document.title='bad'> & back")


def test_long_text_is_refused_and_stays(new_tab, text):
    page = new_tab(text.path)
    passage(page, 0).locator(".seg-text").hover()
    page.get_by_text("word0.2").dblclick()
    area = passage(page, 0).locator("textarea")
    area.fill("First")
    saved(page)
    area.fill("word " * 20_000)
    expect(page.locator(".conflict-title")).to_contain_text("10,000 characters are the most")
    expect(area).to_have_value("word " * 20_000)
    page.get_by_role("button", name="Leave it as it was").click()
    expect(passage(page, 0).locator(".seg-text")).to_have_text("First")
    passage(page, 0).locator(".seg-text").dblclick()
    area.fill("Second")
    saved(page)
    assert text.rows()[0] == (0, "Second")


def test_versions_compared_and_brought_back(new_tab, text):
    text.edit(index=0, revision=0, text="word0.0 changed word0.2 word0.3 word0.4")
    page = new_tab(f"{text.path}versions/")
    page.get_by_label("Keep the present state under a name").fill("Proofread")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("#states + .entries strong").first).to_have_text("Proofread")
    page.get_by_role("link", name=re.compile("Compare.*As the machine")).click()
    expect(page.locator("del")).to_contain_text("word0.1")
    expect(page.locator("ins")).to_contain_text("changed")
    page.go_back()
    page.get_by_role("button", name=re.compile("Bring back.*As the machine")).click()
    expect(page.get_by_text("The earlier state is back")).to_be_visible()
    assert text.rows()[0] == (0, "word0.0 word0.1 word0.2 word0.3 word0.4")
