"""The panels beside a text that is corrected: speakers, replacing, doubtful places, comments."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.editing import Text, come_back, open_first, passage

pytestmark = [pytest.mark.browser, pytest.mark.server]


@pytest.fixture
def talk(text: Text) -> Text:
    """Ann speaks twice, then Ben."""
    for name, indexes in (("Ann", [0, 1]), ("Ben", [2])):
        text.edit(service="speakers.assign_speaker", indexes=indexes, name=name)
    return text


def heading(page: Page, index: int) -> Locator:
    return passage(page, index).locator(".seg-speaker")


def names(page: Page) -> Locator:
    """The fields of the panel of speakers, which is opened."""
    page.get_by_role("button", name="Speakers").click()
    return page.locator("#speaker-list input")


def test_new_name_of_a_speaker_is_above_passages_at_once(new_tab, talk):
    page, other = new_tab(talk.path), new_tab(talk.path)
    open_first(other)  # what somebody types in is not drawn anew
    names(page).first.fill("Anna")
    page.keyboard.press("Enter")
    expect(heading(page, 0)).to_have_text("Anna")
    come_back(other)
    for each in (page, other):
        expect(heading(each, 0)).to_have_text("Anna")
        expect(heading(each, 2)).to_have_text("Ben")
    other.keyboard.press("Escape")
    expect(heading(other, 0)).to_have_text("Anna")
    passage(page, 1).locator(".seg-more").click()
    page.get_by_role("menuitem", name="Speaker").click()
    page.get_by_label("Name", exact=True).fill("Ben")
    page.locator("#speaker-one").check()
    page.get_by_role("button", name="Save").click()
    expect(heading(page, 1)).to_have_text("Ben")


def test_name_being_typed_is_left_alone(new_tab, talk):
    page = new_tab(talk.path)
    ann, ben = names(page).nth(0), names(page).nth(1)
    ann.press("Control+a")
    ann.press_sequentially("Anna")
    talk.edit(index=2, revision=2, text="Changed by somebody else")
    come_back(page)
    expect(passage(page, 2)).to_contain_text("somebody else")
    talk.edit(service="speakers.rename_speaker", number=2, name="Benedict")
    come_back(page)
    expect(ben).to_have_value("Benedict")
    expect(ann).to_be_focused()
    page.keyboard.type("bell")
    page.keyboard.press("Enter")
    expect(heading(page, 0)).to_have_text("Annabell")
    ann.press("Control+a")
    ann.press_sequentially("Nobody")
    talk.edit(service="speakers.merge_speakers", number=1, into=2)
    come_back(page)
    expect(heading(page, 0)).to_have_text("Benedict")
    expect(ann).to_be_focused()
    ben.focus()
    expect(names(page)).to_have_count(1)
    expect(page.get_by_text("This speaker is no longer there.")).to_be_visible()


def test_speakers_are_joined_by_keyboard_once_chosen(new_tab, talk):
    talk.edit(service="speakers.assign_speaker", indexes=[1], name="Cleo")
    page = new_tab(talk.path)
    names(page).first.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Everything that Ann says was said by")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#join-into option:checked")).to_have_text("Cleo")
    expect(heading(page, 0)).to_have_text("Ann")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Ann was joined with Cleo. Undo takes it back.")).to_be_visible()
    expect(heading(page, 0)).to_have_text("Cleo")
    expect(page.get_by_label("Name of Cleo")).to_be_focused()
    assert page.locator("#speaker-list input").evaluate_all("all => all.map((each) => each.value)") == ["Ben", "Cleo"]


def test_name_of_another_speaker_is_an_offer_to_join(new_tab, talk):
    page = new_tab(talk.path)
    names(page).first.fill(" ben ")
    page.keyboard.press("Enter")
    expect(page.get_by_text("There is a speaker named Ben already.")).to_be_visible()
    expect(page.get_by_label("Name of Ann")).to_have_value("Ann")
    page.keyboard.press("Escape")
    expect(heading(page, 0)).to_have_text("Ann")
    passage(page, 0).locator(".seg-more").click()
    page.get_by_role("menuitem", name="Speaker").click()
    page.get_by_label("Name", exact=True).fill("Ben")
    page.get_by_label("everything that this speaker says").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Join", exact=True).click()
    expect(heading(page, 0)).to_have_text("Ben")
    expect(page.get_by_label("Name of Ann")).to_have_count(0)


def test_speaker_who_says_nothing_can_be_removed(new_tab, talk):
    page = new_tab(talk.path)
    names(page)
    for name in ("Ben", "Ann"):
        page.get_by_role(
            "button", name=f"Join {name} with another speaker, or remove" if name == "Ben" else "Remove Ann"
        ).click()
        page.get_by_role("button", name="Remove", exact=True).click()
        expect(page.get_by_text(f"{name} was removed. Undo takes it back.")).to_be_visible()
        expect(page.get_by_label(f"Name of {name}")).to_have_count(0)
    expect(page.locator(".seg-speaker:visible")).to_have_count(0)
    expect(page.get_by_role("tab", name="Speakers")).to_be_focused()
    page.get_by_role("button", name="Undo").click()
    expect(heading(page, 0)).to_have_text("Ann")


# Replacing -----------------------------------------------------------------------------------------------------------


def to_replace(page: Page, what: str) -> Locator:
    """The panel, and what of the text was found."""
    page.get_by_role("button", name="Replace", exact=True).first.click()
    page.get_by_label("Find", exact=True).fill(what)
    found = page.locator("#replace-found mark")
    expect(found.first).to_be_visible()
    return found


def test_nothing_is_replaced_that_was_not_shown(new_tab, text):
    page = new_tab(text.path)
    found = to_replace(page, "word0.1")
    expect(found).to_have_text(["word0.1"])
    page.get_by_label("Find", exact=True).press("Enter")  # in place of it there is nothing yet
    expect(found).to_have_text(["⌫"])
    expect(page.locator("#replace-count")).to_have_text("1 place in 1 passage, to be taken out")
    assert text.rows()[0][1].startswith("word0.0 word0.1")

    page.get_by_label("Replace by").fill("one")
    page.get_by_label("Replace by").press("Enter")  # at once, before it can be shown
    expect(found).to_have_text(["one"])
    assert text.rows()[0][1].startswith("word0.0 word0.1")
    page.get_by_label("Replace by").press("Enter")
    expect(passage(page, 0)).to_contain_text("word0.0 one word0.2")


def test_what_is_found_follows_what_others_write(new_tab, text):
    page = new_tab(text.path)
    found = to_replace(page, "word")
    expect(found).to_have_count(15)
    page.get_by_label("Replace in the passage at 0:04").uncheck()
    text.edit(index=0, revision=0, text="Nothing of it any more")
    come_back(page)
    expect(found).to_have_count(10)
    expect(page.get_by_label("Replace in the passage at 0:04")).not_to_be_checked()
    page.get_by_label("Replace by").fill("Wort")
    expect(found.first).to_have_text("Wort")
    expect(page.get_by_label("Replace in the passage at 0:04")).not_to_be_checked()
    page.locator("#replace-all").dblclick()
    expect(page.get_by_text("Replaced in 5 places.")).to_be_visible()
    expect(page.get_by_text("Nothing was replaced")).to_have_count(0)
    kept = "word1.0 word1.1 word1.2 word1.3 word1.4"
    assert text.rows() == [(0, "Nothing of it any more"), (1, kept), (2, kept.replace("word1", "Wort2"))]


# What is doubtful, and what stands beside it -------------------------------------------------------------------------


def test_list_of_doubtful_passages_follows_the_text(new_tab, text):
    page = new_tab(text.path)
    page.get_by_role("button", name="Doubtful", exact=True).click()
    expect(page.locator(".doubtful [data-go]")).to_have_count(1)
    passage(page, 1).locator(".seg-more").click()
    page.locator("#passage-menu [data-do='confirm']").click()
    expect(page.get_by_text("Nothing is doubtful.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".doubtful [data-go]")).to_have_count(1)


def test_tools_and_comments_take_turns_where_there_is_no_room_for_both(new_tab, text):
    page = new_tab(text.path)
    tools, comments = page.locator("#panel"), page.locator("#comments")
    page.get_by_role("button", name="Comments").click()
    expect(comments).to_be_visible()
    page.get_by_role("button", name="Speakers").click()
    expect(comments).to_be_hidden()
    page.get_by_role("button", name="Comments").click()
    expect(tools).to_be_hidden()
    page.set_viewport_size({"width": 1600, "height": 900})
    page.get_by_role("button", name="Speakers").click()
    expect(comments).to_be_visible()
    expect(tools).to_be_visible()


def test_comments_that_were_open_do_not_cover_the_text_of_a_phone(new_tab, text):
    page = new_tab(text.path)
    page.get_by_role("button", name="Comments").click()
    page.reload()
    expect(page.locator("#comments")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    expect(passage(page, 0)).to_be_visible()
    expect(page.locator("#comments")).to_be_hidden()
