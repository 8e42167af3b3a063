"""Search in a real browser: from any page by the keyboard alone, and on its own page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import EMAIL
from tests.browser.test_every_page import LOOKS, flaws, too_wide
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]

SEED = """
from accounts.models import User
from tests.factories import make_recording, make_transcript
from transcription.models import Speaker
from transcription.services import marks, search_words
owner = User.objects.get(email={email!r})
texts = ["In the beginning", "ask not what your country can do for you", "The Gutenberg Bible, and what came after it"]
for title in ["Inauguration", *(f"Meeting {{number}}" for number in range(12))]:
    made = make_transcript(make_recording(owner, title=title), segments=3)
    for segment, text in zip(made.segments.order_by("index"), texts if title == "Inauguration" else ["budget"] * 3):
        segment.text, segment.words = text, [[segment.start, segment.end, text, 1.0]]
        segment.save()
Speaker.objects.create(transcript=made, number=1, name="Ada Lovelace")
made.segments.update(speaker=1)
marks.add_tag(tag=marks.create_tag(owner=owner, name="Kick-off", color="teal"), recordings=[made.recording])
search_words.gather_words()
"""


@pytest.fixture(scope="module", autouse=True)
def said(server: Server, signed_in) -> None:
    server.manage("shell", "-v", "0", "-c", SEED.format(email=EMAIL))


def dialog(page: Page):
    return page.get_by_role("dialog", name="Search")


def field(page: Page):
    return page.get_by_role("combobox", name="Search everything that was said")


def test_search_by_keys_alone_from_any_page_leads_to_the_passage(tab):
    tab.keyboard.press("/")
    expect(field(tab)).to_be_focused()
    tab.keyboard.type("count")
    option = tab.get_by_role("option", name=re.compile("ask not what your country"))
    expect(option.locator("mark")).to_have_text("country")
    expect(field(tab)).to_have_attribute("aria-expanded", "true")
    expect(dialog(tab).get_by_role("status")).to_have_text("1 passage")
    assert flaws(tab) == []
    tab.keyboard.press("ArrowUp")  # from the end: the only one
    expect(option).to_have_attribute("aria-selected", "true")
    expect(field(tab)).to_have_attribute("aria-activedescendant", option.get_attribute("id"))
    tab.keyboard.press("ArrowUp")
    expect(option).to_have_attribute("aria-selected", "false")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    tab.wait_for_url(re.compile(r"/recordings/[0-9a-f-]+/#t=4\.00$"))
    expect(tab.get_by_role("heading", name="Inauguration")).to_be_visible()
    tab.keyboard.press("Control+k")  # on the page of the recording itself
    tab.keyboard.type("Gutenburg")
    expect(dialog(tab).get_by_role("status")).to_have_text("Nothing for Gutenburg. Showing Gutenberg.")
    expect(dialog(tab).get_by_role("option")).to_have_count(1)
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    tab.wait_for_url(re.compile(r"#t=8\.00$"))
    expect(dialog(tab)).to_be_hidden()


def test_enter_goes_to_all_results_and_back_returns_to_the_page(tab):
    tab.keyboard.press("Control+k")
    tab.keyboard.type("budget")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", name="36 passages")).to_be_visible()
    articles = tab.get_by_role("article")
    expect(articles).to_have_count(10)
    tab.get_by_role("link", name="More recordings").press("Enter")
    expect(articles).to_have_count(12)
    expect(articles.nth(10).get_by_role("link").first).to_be_focused()
    expect(tab.get_by_role("link", name="More recordings")).to_have_count(0)
    tab.get_by_label("Length").select_option("long")
    expect(tab.get_by_text("Nothing for budget.")).to_be_visible()
    assert "length=long" in tab.url
    tab.get_by_role("link", name="Search everything").click()
    expect(articles).to_have_count(10)
    tab.go_back()
    expect(tab.get_by_text("Nothing for budget.")).to_be_visible()
    expect(tab.get_by_role("heading", name="Search")).to_be_visible()


def test_key_of_its_own_can_be_switched_off_and_leaves_typing_alone(tab):
    tab.keyboard.press("Control+k")
    dialog(tab).get_by_label("Shortcuts of a single key, such as /").uncheck()
    tab.keyboard.press("Escape")
    tab.keyboard.press("/")
    expect(dialog(tab)).to_be_hidden()
    tab.keyboard.press("Control+k")
    dialog(tab).get_by_label("Shortcuts of a single key, such as /").check()
    field(tab).fill("")
    field(tab).press("/")
    expect(field(tab)).to_have_value("/")
    tab.keyboard.press("Control+k")
    expect(dialog(tab)).to_be_hidden()


def test_keys_are_not_spoken_of_where_there_is_no_keyboard(new_tab):
    page = new_tab(viewport={"width": 1024, "height": 768}, is_mobile=True, has_touch=True)
    page.get_by_role("searchbox", name="Search all recordings").tap()
    expect(field(page)).to_be_focused()
    expect(page.locator(".search-dialog-foot")).to_be_hidden()
    expect(dialog(page).get_by_role("checkbox")).to_have_count(0)


def reach(page: Page, control: Locator) -> None:
    """By Tab alone: a date takes one for each of its parts."""
    expect(control).to_be_visible()
    for _ in range(25):
        if control.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab never comes to {control}")


def test_filters_of_the_dialog_are_used_by_keys_alone(tab):
    options = dialog(tab).get_by_role("listbox", name="Results").get_by_role("option")
    said = dialog(tab).get_by_role("status")
    filters = dialog(tab).get_by_role("button", name="Filters")
    chips = dialog(tab).get_by_role("list", name="Filters in use").get_by_role("button")
    tab.keyboard.press("Control+k")
    tab.keyboard.type("budget")
    expect(options).to_have_count(9)
    reach(tab, filters)
    tab.keyboard.press("Enter")
    expect(filters).to_have_attribute("aria-expanded", "true")
    reach(tab, dialog(tab).get_by_label("Length"))
    tab.keyboard.press("End")
    expect(said).to_have_text("Nothing for budget.")
    expect(chips).to_have_text(["Remove the filter Over an hour"])
    tab.keyboard.press("Home")
    expect(options).to_have_count(9)
    expect(chips).to_have_count(0)
    reach(tab, dialog(tab).get_by_label("Kick-off"))
    tab.keyboard.press("Space")
    expect(said).to_have_text("3 passages")
    expect(options).to_have_count(3)
    assert flaws(tab) == []
    tab.keyboard.press("Escape")
    expect(field(tab)).to_be_focused()
    expect(dialog(tab).get_by_label("Length")).to_be_hidden()
    reach(tab, chips)
    tab.keyboard.press("Enter")
    expect(field(tab)).to_be_focused()
    expect(chips).to_have_count(0)
    expect(options).to_have_count(9)


def test_filters_of_the_dialog_go_along_to_the_page_and_are_forgotten(tab):
    tab.keyboard.press("Control+k")
    tab.keyboard.type("budget")
    expect(dialog(tab).get_by_role("option")).to_have_count(9)
    dialog(tab).get_by_role("button", name="Filters").click()
    said = dialog(tab).get_by_role("status")
    dialog(tab).get_by_label("Kick-off").check()
    expect(said).to_have_text("3 passages")
    dialog(tab).get_by_label("To", exact=True).fill("2001-02-03")
    expect(dialog(tab).get_by_role("button", name="Remove the filter To 3 Feb 2001")).to_be_visible()
    expect(said).to_have_text("Nothing for budget.")
    dialog(tab).get_by_label("From", exact=True).fill("2001-02-04")
    expect(said).to_have_text("To: This day is before the first.")
    dialog(tab).get_by_role("button", name="Remove the filter To 3 Feb 2001").click()
    expect(said).to_have_text("3 passages")
    field(tab).press("Enter")
    expect(tab.get_by_role("heading", name="3 passages")).to_be_visible()
    expect(tab.get_by_label("Kick-off")).to_be_checked()
    expect(tab.get_by_label("From", exact=True)).to_have_value("2001-02-04")
    tab.keyboard.press("Control+k")
    dialog(tab).get_by_role("button", name="Filters").click()
    expect(dialog(tab).get_by_label("Kick-off")).not_to_be_checked()
    expect(dialog(tab).get_by_role("list", name="Filters in use")).to_be_hidden()
    assert flaws(tab) == []


def test_speaker_is_found_by_name_and_all_that_was_said(tab):
    tab.keyboard.press("Control+k")
    tab.keyboard.type("love")
    expect(dialog(tab).get_by_role("status")).to_have_text("1 speaker. No passages")
    tab.keyboard.press("ArrowDown")
    expect(dialog(tab).get_by_role("option")).to_have_text("Spoken by Ada Lovelace: 3 passages in 1 recording")
    assert flaws(tab) == []
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", name="3 passages")).to_be_visible()
    expect(tab.get_by_label("Speaker")).to_have_value("Ada Lovelace")
    expect(tab.get_by_role("searchbox", name="Search for")).to_have_value("")
    tab.get_by_label("Speaker").select_option("Anybody")
    expect(tab.get_by_text("both words, in any of their forms")).to_be_visible()
    tab.get_by_role("searchbox", name="Search for").fill("Ada")
    tab.keyboard.press("Enter")
    tab.get_by_role("link", name="Spoken by Ada Lovelace: 3 passages in 1 recording").click()
    expect(tab.get_by_role("article")).to_have_count(1)
    tab.keyboard.press("Control+k")
    dialog(tab).get_by_role("button", name="Filters").click()
    dialog(tab).get_by_label("Speaker").select_option("Ada Lovelace")
    expect(dialog(tab).get_by_role("listbox", name="Results").get_by_role("option")).to_have_count(3)
    field(tab).press("Enter")
    tab.wait_for_url(re.compile(r"/search/\?q=&.*speaker=Ada"))


def test_field_in_the_header_opens_the_dialog_with_what_is_typed(tab):
    header = tab.get_by_role("searchbox", name="Search all recordings")
    header.press("c")
    expect(field(tab)).to_have_value("c")
    tab.keyboard.type("ountry")
    expect(dialog(tab).get_by_role("option")).to_have_count(1)
    tab.keyboard.press("Escape")
    header.click()
    expect(field(tab)).to_be_focused()


def test_search_works_without_scripts(new_tab):
    page = new_tab(java_script_enabled=False)
    page.get_by_role("searchbox", name="Search all recordings").fill("budget")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article")).to_have_count(10)
    page.get_by_role("link", name="More recordings").click()
    expect(page.get_by_role("article")).to_have_count(2)


@pytest.mark.parametrize(
    "look",
    [LOOKS["light"], LOOKS["phone"]],
    ids=["light", "phone"],
)
def test_states_of_the_page_have_no_flaws(new_tab, server, look):
    page = new_tab(**look)
    page.keyboard.press("Control+k")
    page.keyboard.type("budget")
    expect(dialog(page).get_by_role("option")).to_have_count(9)
    dialog(page).get_by_role("button", name="Filters").click()
    dialog(page).get_by_label("Kick-off").check()
    expect(dialog(page).get_by_role("status")).to_have_text("3 passages")
    dialog(page).get_by_label("To", exact=True).fill("2001-02-04")
    expect(dialog(page).get_by_role("status")).to_have_text("Nothing for budget.")
    assert (flaws(page), too_wide(page)) == ([], [])
    for query in ("", "?q=budget", "?q=Gutenburg", "?q=zzyzx", "?q=a&language=xx", "?q=meeting", "?q=ada", "?q=…"):
        page.goto(f"{server.url}/search/{query}")
        assert (query, flaws(page), too_wide(page)) == (query, [], [])
