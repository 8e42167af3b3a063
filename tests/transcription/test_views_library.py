from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_job, make_recording, make_transcript, make_user
from transcription.enums import JobState, RecordingState, RowState
from transcription.models import Job, Recording, RetentionRule, Upload
from transcription.services import marks
from transcription.services.recordings import move_to_trash
from transcription.views.library import PAGE_SIZE

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_user("ada@example.org", default_language="de", notify_by_mail=True)


def with_job(recording: Recording, **fields) -> Recording:
    Job.objects.create(recording=recording, engine="scripted", model="base", **fields)
    return recording


def rows(response) -> list[str]:
    return [row["recording"].title for row in response.context["rows"]]


def status_of(client: Client, recording: Recording):
    response = client.get(reverse("library"))
    [status] = [row["status"] for row in response.context["rows"] if row["recording"] == recording]
    return status


def test_stranger_is_sent_to_sign_in():
    response = Client().get(reverse("library"))
    assert response.status_code == 302
    assert response.url == f"{reverse('accounts:sign-in')}?next=/"


def test_empty_library_says_what_can_be_uploaded(client_of_owner, settings):
    settings.MAX_UPLOAD_SIZE = 5 * 2**20
    content = client_of_owner.get(reverse("library")).content.decode()
    assert "uploader-first" in content
    assert "up to 5.0\xa0MB each" in content


def test_own_recordings_newest_first_without_trash(client_of_owner, owner):
    for title in ("first", "second", "third"):
        make_recording(owner, title=title)
    make_recording(title="somebody else's")
    move_to_trash(recording=make_recording(owner, title="thrown away"))
    assert rows(client_of_owner.get(reverse("library"))) == ["third", "second", "first"]


def test_choices_begin_with_the_profile(client_of_owner):
    form = client_of_owner.get(reverse("library")).context["form"]
    assert (form["language"].value(), form["notify_by_mail"].value()) == ("de", True)
    assert form.choices("language").choices[:2] == [("", "Detect it"), ("af", "Afrikaans")]


@pytest.mark.parametrize("count", [1, 3])
def test_number_of_queries_does_not_depend_on_rows(client_of_owner, owner, django_assert_num_queries, count):
    for _ in range(count):
        recording = make_recording(owner)
        make_transcript(recording)
        make_job(recording)
    with django_assert_num_queries(9):
        client_of_owner.get(reverse("library"))


def test_pages_of_fifty(client_of_owner, owner):
    made = Recording.objects.bulk_create(
        Recording(owner=owner, title=str(n), state=RecordingState.READY) for n in range(PAGE_SIZE + 2)
    )
    first = client_of_owner.get(reverse("library"))
    second = client_of_owner.get(reverse("library"), {"page": 2})
    assert len(rows(first)) == PAGE_SIZE
    assert sorted(rows(first) + rows(second)) == sorted(recording.title for recording in made)
    assert "Page 1 of 2" in first.content.decode()


@pytest.mark.parametrize(
    ("state", "fields", "label", "detail", "percent"),
    [
        (JobState.QUEUED, {}, "Waiting", "next in line", None),
        (JobState.DECODING, {}, "Reading the file", "", None),
        (JobState.TRANSCRIBING, {"progress": 0.434, "seconds_left": 125}, "Transcribing 43 %", "about 2 min left", 43),
        (
            JobState.TRANSCRIBING,
            {"progress": 0.9, "seconds_left": 20},
            "Transcribing 90 %",
            "less than a minute left",
            90,
        ),
        (JobState.TRANSCRIBING, {"seconds_left": 9000}, "Transcribing 0 %", "about 2.5 hours left", 0),
        (JobState.DONE, {}, "Done", "", None),
        (JobState.DONE_WITH_WARNING, {"warning": "Odd."}, "Done, with a warning", "Odd.", None),
        (JobState.FAILED, {"error_message": "Damaged."}, "Failed", "Damaged.", None),
        (JobState.CANCELLED, {}, "Cancelled", "", None),
    ],
)
def test_state_of_a_job_in_words(client_of_owner, owner, state, fields, label, detail, percent):
    status = status_of(client_of_owner, with_job(make_recording(owner), state=state, **fields))
    assert (status.label, status.detail, status.percent) == (label, detail, percent)


def test_place_in_line_counts_all_users_and_priorities(client_of_owner, owner):
    now = timezone.now()
    for seconds, priority in ((0, 0), (5, 5), (99, 0)):
        job = with_job(make_recording(), state=JobState.QUEUED, priority=priority).jobs.get()
        Job.objects.filter(pk=job.pk).update(queued_at=now + timedelta(seconds=seconds))
    mine = with_job(make_recording(owner), state=JobState.QUEUED)
    Job.objects.filter(recording=mine).update(queued_at=now + timedelta(seconds=10))
    assert status_of(client_of_owner, mine).detail == "3rd in line"


def test_newest_job_counts(client_of_owner, owner):
    recording = with_job(make_recording(owner), state=JobState.FAILED)
    with_job(recording, state=JobState.DONE)
    assert status_of(client_of_owner, recording).label == "Done"


def test_state_of_an_upload_in_words(client_of_owner, owner):
    recording = make_recording(owner, state=RecordingState.UPLOADING)
    Upload.objects.create(recording=recording, length=4096, offset=1024, expires_at=timezone.now())
    status = status_of(client_of_owner, recording)
    assert (status.label, status.detail, status.percent) == ("Uploading 25 %", "1.0\xa0KB of 4.0\xa0KB", 25)


def test_poll_draws_what_moved_on_and_only_words_of_the_rest(client_of_owner, owner):
    same = with_job(make_recording(owner), state=JobState.TRANSCRIBING)
    moved = with_job(make_recording(owner), state=JobState.DONE)
    other = make_recording()
    asked = [f"{same.pk}:transcribing", f"{moved.pk}:transcribing", f"{other.pk}:done", "nonsense:done"]
    content = client_of_owner.get(reverse("recordings-status"), {"row": asked}).content.decode()
    assert f'id="state-{same.pk}"' in content
    assert f'id="r-{same.pk}"' not in content
    assert f'id="r-{moved.pk}"' in content
    assert f'<div id="r-{other.pk}" data-gone></div>' in content


def test_row_of_an_upload_is_its_owner_s_alone(client_of_owner, owner):
    recording = make_recording(owner, title="Mine", state=RecordingState.UPLOADING)
    mine = Upload.objects.create(recording=recording, length=10, expires_at=timezone.now())
    other = Upload.objects.create(recording=make_recording(), length=10, expires_at=timezone.now())
    assert f'id="r-{recording.pk}"' in client_of_owner.get(reverse("upload-row", args=[mine.pk])).content.decode()
    assert client_of_owner.get(reverse("upload-row", args=[other.pk])).status_code == 404
    assert client_of_owner.get(reverse("upload-row", args=[uuid4()])).status_code == 404


def test_title_is_text_and_never_markup(client_of_owner, owner):
    make_recording(owner, title="<script>alert(1)</script>\"'")
    content = client_of_owner.get(reverse("library")).content.decode()
    assert "<script>alert" not in content
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;" in content


def test_trash_shows_what_was_thrown_away(client_of_owner, owner):
    make_recording(owner, title="kept")
    move_to_trash(recording=make_recording(owner, title="thrown away"))
    move_to_trash(recording=make_recording(title="somebody else's"))
    page = client_of_owner.get(reverse("trash")).context["page"]
    assert [recording.title for recording in page] == ["thrown away"]


# What is shown, and in which order ----------------------------------------------------------------------------------


def library(client: Client, query: str):
    return client.get(f"{reverse('library')}?{query}")


def aged(owner, title: str, days: int, **fields) -> Recording:
    recording = make_recording(owner, title=title, **fields)
    Recording.objects.filter(pk=recording.pk).update(created_at=timezone.now() - timedelta(days=days))
    return recording


@pytest.mark.parametrize(
    ("sort", "titles"),
    [
        ("newest", ["b", "C", "a"]),
        ("oldest", ["a", "C", "b"]),
        ("title", ["a", "b", "C"]),
        ("longest", ["C", "b", "a"]),
        ("shortest", ["b", "C", "a"]),
        ("nonsense", ["b", "C", "a"]),
    ],
)
def test_rows_are_sorted(client_of_owner, owner, sort, titles):
    for title, days, duration in (("a", 3, None), ("C", 2, 90.0), ("b", 1, 30.0)):
        aged(owner, title, days, duration=duration)
    assert rows(library(client_of_owner, f"sort={sort}")) == titles


def test_rows_are_narrowed_by_state(client_of_owner, owner):
    make_recording(owner, title="none")
    make_recording(owner, title="arriving", state=RecordingState.UPLOADING)
    make_recording(owner, title="lost", state=RecordingState.FAILED)
    for state in JobState:
        with_job(make_recording(owner, title=state), state=state)
    found = {name: rows(library(client_of_owner, f"state={name}&sort=title")) for name in RowState}
    assert found == {
        RowState.DONE: ["done"],
        RowState.WORKING: ["arriving", "decoding", "queued", "transcribing"],
        RowState.ATTENTION: ["cancelled", "done_with_warning", "failed", "lost"],
        RowState.UNTRANSCRIBED: ["none"],
    }


def test_newest_job_decides_the_state(client_of_owner, owner):
    recording = with_job(make_recording(owner), state=JobState.FAILED)
    with_job(recording, state=JobState.DONE)
    assert rows(library(client_of_owner, "state=done")) == ["A talk"]
    assert rows(library(client_of_owner, "state=attention")) == []


def test_rows_are_narrowed_by_tags_and_favourites(client_of_owner, owner):
    one, two = (make_recording(owner, title=title) for title in ("one", "two"))
    a, b = (marks.create_tag(owner=owner, name=name) for name in "ab")
    theirs = marks.create_tag(owner=make_user(), name="theirs")
    marks.add_tag(tag=a, recordings=[one, two])
    marks.add_tag(tag=b, recordings=[two])
    marks.add_tag(tag=theirs, recordings=[one])
    marks.set_favourite(user=owner, recordings=[one], is_favourite=True)
    assert rows(library(client_of_owner, f"tag={a.pk}")) == ["two", "one"]
    assert rows(library(client_of_owner, f"tag={a.pk}&tag={b.pk}")) == ["two"]
    assert rows(library(client_of_owner, f"tag={a.pk}&favourite=on")) == ["one"]
    answer = library(client_of_owner, f"tag={theirs.pk}")
    assert (rows(answer), bool(answer.context["filters"].errors)) == (["two", "one"], True)


def test_rows_are_narrowed_by_words_language_date_and_length(client_of_owner, owner):
    talk = aged(owner, "100% of Łódź", 10, duration=600.0)
    make_transcript(talk, language="pl")
    make_transcript(aged(owner, "Zagreb", 2, duration=30.0), language="hr")
    day = (timezone.now() - timedelta(days=5)).date()
    for query in ("q=100%25", "q=łódź", "language=pl", f"until={day}", "at_least=10", "at_most=10&at_least=1"):
        assert rows(library(client_of_owner, query)) == ["100% of Łódź"], query
    for query in ("q=zAG", "language=hr", f"since={day}", "at_most=0.5"):
        assert rows(library(client_of_owner, query)) == ["Zagreb"], query
    assert rows(library(client_of_owner, "q=nothing")) == []
    choices = library(client_of_owner, "").context["filters"].fields["language"].choices
    assert [code for code, _ in choices] == ["", "hr", "pl"]


@pytest.mark.parametrize(
    "query", ["since=yesterday", "at_least=-1", "at_least=nan", "state=odd", "tag=x", "page=x", "q=%00"]
)
def test_value_that_is_none_narrows_nothing(client_of_owner, owner, query):
    make_recording(owner)
    assert rows(library(client_of_owner, query)) == ["A talk"]


def test_nothing_found_is_not_an_empty_library(client_of_owner, owner):
    make_recording(owner)
    content = library(client_of_owner, "q=nothing").content.decode()
    assert "No recording is like this." in content
    assert "uploader-first" not in content


def test_pages_keep_what_was_chosen(client_of_owner, owner):
    Recording.objects.bulk_create(
        Recording(owner=owner, title=f"talk {n}", state=RecordingState.READY) for n in range(PAGE_SIZE + 1)
    )
    content = library(client_of_owner, "q=talk&sort=title").content.decode()
    assert 'href="?q=talk&amp;sort=title&amp;page=2"' in content


def test_row_tells_what_a_rule_will_do(client_of_owner, owner):
    recording = make_recording(owner, media="a/file")
    Recording.objects.filter(pk=recording.pk).update(created_at=timezone.now() - timedelta(days=26, hours=1))
    RetentionRule.objects.create(user=owner, sound_days=30)
    assert "Sound goes in 3 days" in library(client_of_owner, "").content.decode()
    Recording.objects.filter(pk=recording.pk).update(is_exempt=True)
    assert "Sound goes" not in library(client_of_owner, "").content.decode()


def test_markup_in_tags_is_text(client_of_owner, owner):
    tag = marks.create_tag(owner=owner, name="<script>alert(1)</script>")
    marks.add_tag(tag=tag, recordings=[make_recording(owner)])
    content = library(client_of_owner, "").content.decode()
    assert "<script>alert" not in content
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in content
