"""A passage transcribed again in a real browser, by keyboard alone: asked for, seen, accepted, taken back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import EMAIL
from tests.browser.test_every_page import LOOKS, flaws, too_wide
from tests.server import Server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.server,
    pytest.mark.parametrize("server", [{"SCRIPTA_MODEL": "1.5"}], indirect=True),
]
SEED = """
from django.conf import settings
from accounts.models import User
from tests.factories import make_media, make_transcript
settings.UPLOADS.mkdir(exist_ok=True)
recording = make_media(User.objects.get(email={email!r}), folder=settings.UPLOADS)
transcript = make_transcript(recording)
transcript.segments.filter(index=1).update(doubt="unsure")
print(recording.pk, transcript.pk)
"""
STATES = """
from accounts.models import User
from transcription.models import Proposal, Transcript
transcript = Transcript.objects.get(pk={transcript})
user = User.objects.get(email={email!r})
heard = [[row[0], row[1], row[2], 0.9] for row in transcript.segments.get(index=1).words]
common = dict(transcript=transcript, user=user, engine="scripted", model="base")
Proposal.objects.create(**common, start=0, end=3.5, state="ready", words=[[0, 3, " Something", 0.9]], doubt="unsure")
Proposal.objects.create(**common, start=3.5, end=7.5, state="ready", words=heard)
Proposal.objects.create(**common, start=7.5, end=12, state="failed", error_message="The model is not on this machine.")
Proposal.objects.create(**common, start=0, end=3.6, state="running", progress=0.4, idle_attempts=1, attempt=1)
"""
TEXTS = "SELECT text FROM transcription_transcriptsegment WHERE transcript_id = %s ORDER BY rank"


@pytest.fixture
def talk(server: Server, signed_in) -> tuple[str, int]:
    """The address of a recording, and the number of its transcript."""
    recording, transcript = server.manage("shell", "-v", "0", "-c", SEED.format(email=EMAIL)).split()
    return f"/recordings/{recording}/", int(transcript)


def texts(server: Server, transcript: int) -> list[str]:
    return [text for (text,) in server.query(TEXTS, transcript)]


def reach(page: Page, name: str) -> None:
    """By Tab alone."""
    button = page.locator(".proposal").get_by_role("button", name=name)
    for _ in range(20):
        if button.evaluate("each => each === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {name}")


def test_passage_is_asked_for_seen_accepted_and_taken_back(new_tab, server, talk):
    path, transcript = talk
    before = texts(server, transcript)
    page = new_tab(path)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#s1")).to_be_focused()
    page.keyboard.press("t")
    expect(page.locator("#again-until")).to_be_focused()
    expect(page.locator("#again-text")).to_have_text(before[1])
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    proposal = page.locator("#s1 .proposal")
    expect(proposal).to_be_visible()
    page.reload()  # it does not live in the page
    expect(proposal.locator("ins")).to_have_count(1)
    assert texts(server, transcript) == before
    heard = proposal.locator("ins").inner_text().removeprefix("added:").strip()

    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    reach(page, "Accept")
    page.keyboard.press("Enter")
    expect(page.locator("#s1 .seg-text")).to_have_text(heard)
    expect(page.locator("#s1")).to_be_focused()
    expect(page.locator(".proposal")).to_have_count(0)
    assert texts(server, transcript) == [before[0], heard, before[2]]

    page.keyboard.press("Control+z")
    expect(page.locator("#s1 .seg-text")).to_have_text(before[1])
    assert texts(server, transcript) == before


def test_passage_that_was_left_as_it_was_keeps_one_proposal(new_tab, server, talk):
    path, transcript = talk
    server.manage("shell", "-v", "0", "-c", STATES.format(transcript=transcript, email=EMAIL))
    page = new_tab(path)
    expect(page.locator(".proposal")).to_have_count(4)
    page.locator("#s1 .seg-text").dblclick()
    for key in ("x", "Backspace", "Escape"):
        page.keyboard.press(key)
    expect(page.locator("#save-status")).to_have_attribute("data-state", "saved")
    expect(page.locator(".proposal")).to_have_count(4)


@pytest.mark.parametrize("look", ["light", "phone"])
def test_every_state_is_free_of_flaws(new_tab, server, talk, look):
    path, transcript = talk
    server.manage("shell", "-v", "0", "-c", STATES.format(transcript=transcript, email=EMAIL))
    page = new_tab(path, **LOOKS[look])
    expect(page.locator(".proposal")).to_have_count(4)
    expect(page.locator("#s1 .proposal")).to_contain_text("The same words were heard again.")
    expect(page.locator("#s2 .proposal")).to_contain_text("The model is not on this machine. The text is as it was.")
    assert (flaws(page), too_wide(page)) == ([], [])
    page.get_by_role("button", name="Doubtful", exact=True).click()
    expect(page.locator("#proposal-list button")).to_have_count(4)
    expect(page.locator("[data-again]")).to_have_count(1)
    assert (flaws(page), too_wide(page)) == ([], [])
    page.locator("[data-again]").click()
    expect(page.locator("#again-dialog")).to_be_visible()
    assert (flaws(page), too_wide(page)) == ([], [])
    page.keyboard.press("Escape")
    page.locator("[data-panel-close]").click()
    page.locator("#s2 .proposal").get_by_role("button", name="Dismiss").click()
    expect(page.locator("#s2 .proposal")).to_have_count(0)
