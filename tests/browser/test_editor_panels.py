"""The panels beside a text that is corrected: speakers, replacing, doubtful places, comments."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.editing import Text, open_first, passage

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
    expect(passage(page, 2)).to_contain_text("somebody else")
    talk.edit(service="speakers.rename_speaker", number=2, name="Benedict")
    expect(ben).to_have_value("Benedict")
    expect(ann).to_be_focused()
    page.keyboard.type("bell")
    page.keyboard.press("Enter")
    expect(heading(page, 0)).to_have_text("Annabell")
    ann.press("Control+a")
    ann.press_sequentially("Nobody")
    talk.edit(service="speakers.merge_speakers", number=1, into=2)
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
