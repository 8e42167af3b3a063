"""A transcript of many hours: the page holds the text that is near, and that somebody is at work in."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import EMAIL
from tests.browser.editing import open_first, passage, saved
from tests.browser.network import intercept
from tests.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.server]
SEED = """
from accounts.models import User
from tests.factories import make_recording, make_transcript
recording = make_recording(User.objects.get(email={email!r}))
transcript = make_transcript(recording, segments=3200, words=4)
transcript.segments.filter(index=2900).update(words=[[11600.0, 11601.0, " unsure", 0.1]], text="unsure")
print(recording.pk)
"""
SPOKEN = """
from accounts.models import User
from tests.factories import make_live
print(make_live(User.objects.get(email={email!r})).pk)
"""
WRITTEN = """
from tests.factories import make_segments
from transcription.models import Transcript
transcript = Transcript.objects.get(recording={recording!r})
make_segments(transcript, range(transcript.segments.count(), {until}))
"""
READING = """
from django.db import connection, transaction
from accounts.models import User
from tests.factories import make_job, make_recording, make_transcript
with transaction.atomic():
    job = make_job(make_recording(User.objects.get(email={email!r})))
    job.refresh_from_db()
    later = "UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 day' WHERE id = %s"
    connection.cursor().execute(later, [job.task_id])
make_transcript(job.recording, segments=5, is_complete=False)
print(job.recording_id, job.pk)
"""
READ = """
from tests.factories import make_segments
from transcription.enums import JobState
from transcription.models import Job, Transcript
transcript = Transcript.objects.get(recording={recording!r})
make_segments(transcript, range(5, 450))
Transcript.objects.filter(pk=transcript.pk).update(is_complete=True)
Job.objects.filter(pk={job!r}).update(state=JobState.DONE)
"""
TALL = """
from accounts.models import User
from tests.factories import make_recording, make_transcript
recording = make_recording(User.objects.get(email={email!r}))
print(recording.pk, make_transcript(recording, segments=300, words=60).pk)
"""
CORRECTED = """
from accounts.models import User
from transcription.services import editing, edits
by = edits.By(User.objects.get(email={email!r}))
editing.change_text(transcript_id={transcript}, by=by, index=250, revision=0, text="Theirs")
"""
PARTS = 32
MOST = 24
SECONDS = 4
"""Of a passage."""
INDICES = "[...document.querySelectorAll('.seg')].map((row) => Number(row.dataset.index))"


@pytest.fixture(scope="module")
def path(server: Server, signed_in) -> str:
    told = server.manage("shell", "-v", "0", "-c", SEED.format(email=EMAIL))
    return f"/recordings/{told.strip()}/"


def go_to(page: Page, index: int) -> None:
    page.evaluate(f"location.hash = '#t={SECONDS * index}'")
    expect(passage(page, index)).to_be_in_viewport()


def height(page: Page, part: int) -> float:
    return page.locator(f".part[data-part='{part}']").bounding_box()["height"]


LOAD = """for (const link of document.querySelectorAll(".part-away a")) {
    link.classList.add("pressed");
    link.click();
}"""


def load_all(page: Page) -> None:
    """As somebody does who scrolls through everything, only faster; what was left first goes again."""
    page.evaluate(LOAD)
    expect(page.locator(".part-away .pressed")).to_have_count(0)
    expect(page.locator("ol.part")).to_have_count(MOST)


def test_what_was_left_goes_and_comes_again(new_tab, path):
    page = new_tab(path)
    go_to(page, 700)
    tall = height(page, 7)
    go_to(page, 3100)
    load_all(page)
    expect(page.locator("div.part-away")).to_have_count(PARTS - MOST)
    expect(passage(page, 700)).not_to_be_attached()
    assert abs(height(page, 7) - tall) < 1
    expect(page.get_by_role("link", name="Read on at 46:40")).to_have_attribute("href", "?page=7")
    go_to(page, 700)
    indices = page.evaluate(INDICES)
    assert indices == sorted(set(indices))
    assert {700, 750, 799} <= set(indices)
    assert abs(height(page, 7) - tall) < 1


def test_end_is_where_the_end_key_leads(new_tab, server):
    recording, _ = server.manage("shell", "-v", "0", "-c", TALL.format(email=EMAIL)).split()
    page = new_tab(f"/recordings/{recording}/")
    assert height(page, 2) < 100 * 100  # pixels that its passages take at least
    page.keyboard.press("End")
    expect(passage(page, 299)).to_be_in_viewport()
    page.wait_for_timeout(300)
    assert height(page, 2) > 100 * 100
    expect(passage(page, 299)).to_be_in_viewport()
    expect(passage(page, 150)).not_to_be_attached()


def test_what_somebody_is_at_work_in_stays(new_tab, path):
    page = new_tab(path)
    area = open_first(page)
    area.fill("Written here")
    saved(page)
    go_to(page, 3100)
    load_all(page)
    expect(passage(page, 200)).not_to_be_attached()
    expect(area).to_have_value("Written here")
    area.press_sequentially(" at last")
    area.press("Escape")
    saved(page)
    page.keyboard.press("Escape")  # and leaves the passage
    go_to(page, 3000)
    for _ in range(8):
        if passage(page, 0).count():
            load_all(page)
    expect(passage(page, 0)).not_to_be_attached()
    go_to(page, 0)
    expect(passage(page, 0).locator(".seg-text")).to_have_text("Written here at last")


def test_conflict_of_text_that_comes_later_moves_into_it(new_tab, server):
    recording, transcript = server.manage("shell", "-v", "0", "-c", TALL.format(email=EMAIL)).split()
    page = new_tab(f"/recordings/{recording}/#t={SECONDS * 250}")
    passage(page, 250).locator(".seg-text").dblclick()
    page.context.set_offline(True)
    passage(page, 250).locator("textarea").fill("Written on a train")
    expect(page.locator("#save-status")).to_have_attribute("data-state", "offline")
    server.manage("shell", "-v", "0", "-c", CORRECTED.format(email=EMAIL, transcript=transcript))
    page.close(run_before_unload=False)
    again = page.context.new_page()
    page.context.set_offline(False)
    again.goto(f"{server.url}/recordings/{recording}/")
    expect(again.locator(".stand-in .conflict-theirs")).to_have_text("Theirs")
    again.evaluate(f"location.hash = '#t={SECONDS * 250}'")
    expect(passage(again, 250).locator(".conflict-theirs")).to_have_text("Theirs")
    expect(again.locator(".stand-in")).to_have_count(0)
    expect(again.locator("textarea.seg-field")).to_have_count(0)  # nobody asked for it
    passage(again, 250).get_by_role("button", name="Take theirs").click()
    expect(passage(again, 250).locator(".seg-text")).to_have_text("Theirs")
    expect(again.locator(".conflict")).to_have_count(0)


def test_doubtful_words_are_found_where_no_text_is(new_tab, path):
    page = new_tab(f"{path}#t=10600")
    expect(passage(page, 2650)).to_be_in_viewport()
    page.get_by_label("Underline").select_option("Only very doubtful")
    page.get_by_role("button", name="Next doubtful word").click()
    expect(page.locator(".found-doubt")).to_have_text("unsure")
    expect(page.locator(".found-doubt")).to_be_in_viewport()
    page.get_by_role("button", name="Next doubtful word").click()
    expect(page.locator("#doubt-said")).to_have_text("No further doubtful word.")


def test_doubtful_words_are_not_denied_without_a_connection(new_tab, path):
    page = new_tab(path)
    page.get_by_label("Underline").select_option("Only very doubtful")
    intercept(page, "**/segments/*", lambda route: route.abort("internetdisconnected"))
    page.get_by_role("button", name="Next doubtful word").click()
    expect(page.get_by_text("The text could not be fetched.")).to_be_visible()
    expect(page.locator("#doubt-said")).to_be_empty()


def test_writing_does_not_go_on_across_a_gap(new_tab, path):
    page = new_tab(path)
    intercept(page, "**/segments/*from=100*", lambda route: route.abort("internetdisconnected"))
    go_to(page, 2500)
    page.evaluate("document.querySelector('#s99').scrollIntoView()")
    passage(page, 99).locator(".seg-text").dblclick()
    page.keyboard.press("Enter")
    expect(passage(page, 99)).to_be_focused()
    page.keyboard.press("j")
    page.wait_for_timeout(500)
    expect(passage(page, 99)).to_be_focused()
    expect(page.locator("textarea.seg-field")).to_have_count(0)


def test_writing_goes_on_while_the_next_part_is_on_its_way(new_tab, path):
    page = new_tab(path)
    go_to(page, 420)
    expect(passage(page, 600)).not_to_be_attached()
    intercept(page, "**/segments/*from=600*", lambda route: None)  # never answered
    passage(page, 420).locator(".seg-text").dblclick()
    page.keyboard.press("Enter")
    page.keyboard.press("w")
    expect(passage(page, 421).locator("textarea")).to_have_value(re.compile("^wword421.0"))
    page.keyboard.press("Escape")
    saved(page)


def test_what_is_undone_far_away_is_shown(new_tab, path):
    page = new_tab(path)
    passage(page, 3).locator(".seg-text").dblclick()
    passage(page, 3).locator("textarea").fill("To be undone")
    page.keyboard.press("Escape")
    saved(page)
    page.keyboard.press("Escape")
    go_to(page, 3100)
    for _ in range(8):
        if passage(page, 3).count():
            load_all(page)
    expect(passage(page, 3)).not_to_be_attached()
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(passage(page, 3)).to_be_in_viewport()
    expect(passage(page, 3).locator(".seg-text")).to_have_text(re.compile("^word3.0"))


def test_what_is_written_since_begins_a_part_of_its_own(new_tab, server):
    recording = server.manage("shell", "-v", "0", "-c", SPOKEN.format(email=EMAIL)).strip()
    page = new_tab(f"/recordings/{recording}/")
    for written in (99, 103, 106):
        server.manage("shell", "-v", "0", "-c", WRITTEN.format(recording=recording, until=written))
        expect(page.locator(".seg")).to_have_count(written)
    assert page.evaluate(INDICES) == list(range(106))
    found = page.evaluate("[...document.querySelectorAll('.part')].map((p) => [p.dataset.part, p.children.length])")
    assert found == [["0", 103], ["1", 3]]


def test_all_is_shown_that_was_written_before_the_end(new_tab, server):
    recording, job = server.manage("shell", "-v", "0", "-c", READING.format(email=EMAIL)).split()
    page = new_tab(f"/recordings/{recording}/")
    expect(page.locator("#job-status[data-active]")).to_be_visible()
    intercept(page, "**/segments/*", lambda route: route.abort("internetdisconnected"))
    server.manage("shell", "-v", "0", "-c", READ.format(recording=recording, job=job))
    expect(page.get_by_role("button", name="Correct", exact=True)).to_be_visible()
    page.unroute("**/segments/*")
    expect(page.locator(".seg")).to_have_count(450)
    assert page.evaluate(INDICES) == list(range(450))


def test_a_part_that_could_not_come_is_asked_for_again(new_tab, path):
    page = new_tab(path)
    intercept(page, "**/segments/*", lambda route: route.abort("internetdisconnected"))
    page.evaluate("document.querySelector('.part-away[data-part=\"2\"]').scrollIntoView()")
    page.wait_for_timeout(1_000)
    expect(passage(page, 200)).not_to_be_attached()
    page.unroute("**/segments/*")
    expect(passage(page, 200)).to_be_attached()


def test_a_turn_of_thousands_is_named_without_leaving_the_page(new_tab, path):
    page = new_tab(path)
    page.evaluate("window.same = true")
    go_to(page, 2050)
    expect(passage(page, 1900)).to_be_attached()
    passage(page, 2050).locator(".seg-more").click()
    page.get_by_role("menuitem", name="Speaker").click()
    page.locator("#speaker-name").fill("Ada")
    page.keyboard.press("Enter")
    expect(passage(page, 2050).locator(".seg-speaker")).to_have_text("Ada")
    expect(passage(page, 2049).locator(".seg-speaker")).to_have_count(0)
    expect(passage(page, 2050)).to_be_in_viewport()
    go_to(page, 3150)
    expect(passage(page, 3150)).to_have_class(re.compile("goes-on"))
    page.keyboard.press("Control+z")
    expect(passage(page, 3150).locator(".seg-speaker")).to_have_count(0)
    expect(passage(page, 3150)).to_be_in_viewport()
    assert page.evaluate("window.same")
