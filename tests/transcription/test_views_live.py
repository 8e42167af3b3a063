"""What pages say of live recordings: while they are spoken, while they are closed, and afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_job, make_live, make_recording, make_transcript
from transcription.enums import JobState, RecordingState
from transcription.models import Job, Live, Recording
from transcription.services import attempts, closing, jobs, live
from transcription.views.status import can_improve, describe

pytestmark = pytest.mark.django_db


def shown(recording: Recording | Live) -> Recording:
    return Recording.objects.for_display().get(pk=recording.pk)


def finished(owner: Any, *, media: str = "x", **changes: Any) -> Recording:
    """One that was spoken and is closed, with a complete transcript of three segments and a job that is done."""
    spoken = make_live(owner)
    transcript = make_transcript(spoken.recording, version=2)
    spoken.transcript.delete()
    Live.objects.create(recording=spoken.recording, transcript=transcript, **({"language": "de"} | changes))
    Recording.objects.filter(pk=spoken.pk).update(state=RecordingState.READY, media=media, duration=12.0)
    Job.objects.create(recording=spoken.recording, transcript=transcript, state=JobState.DONE, engine="e", model="base")
    return shown(spoken)


@pytest.mark.parametrize(
    ("changes", "label", "icon", "seconds"),
    [
        ({}, "Live now", "mic", 75.0),
        ({"paused_at": timedelta(0)}, "Live, paused", "pause", 75.0),
        ({"paused_at": timedelta(hours=1), "last_seen_at": timedelta(hours=1)}, "Live, paused", "pause", 75.0),
        ({"last_seen_at": timedelta(seconds=100)}, "Live, waiting", "hourglass", None),
    ],
)
def test_live_is_described(owner, changes, label, icon, seconds):
    spoken = make_live(owner)
    past = {name: timezone.now() - ago for name, ago in changes.items()}
    Live.objects.update(received=75 * 16_000, **past)
    status = describe(shown(spoken))
    assert (status.kind, status.label, status.icon, status.seconds) == ("live", label, icon, seconds)
    assert (status.is_active, status.is_cancellable, status.shows_progress) == (True, False, False)


def test_silence_of_the_speaker_is_told(owner):
    spoken = make_live(owner)
    Live.objects.update(last_seen_at=timezone.now() - timedelta(minutes=3))
    assert describe(shown(spoken)).detail == "No sign of the speaker for 3\xa0minutes. What was said is safe."


def test_row_of_a_live_one_lets_its_owner_follow_and_not_cancel(owner, client_of_owner):
    spoken = make_live(owner)
    Live.objects.update(received=75 * 16_000)
    page = client_of_owner.get("/").content.decode()
    assert "Live now" in page
    assert "1:15 so far" in page
    assert f'href="{reverse("watch", args=[spoken.pk])}"' in page
    assert reverse("job-cancel", args=[spoken.pk]) not in page


def test_row_changes_with_the_state(owner, client_of_owner):
    spoken = make_live(owner)
    url = f"{reverse('recordings-status')}?row={spoken.pk}:"
    answers = []
    for step in (lambda: None, lambda: live.begin_closing(live_id=spoken.pk, user=owner), lambda: close(spoken)):
        step()
        kind = ["live", "live", "closing"][len(answers)]
        answers.append(client_of_owner.get(url + kind).content.decode())
    assert ['<li class="row"' in answer for answer in answers] == [False, True, True]
    assert "Preparing the audio…" in answers[1]
    assert closing.NO_SOUND in answers[2]


def close(spoken: Live) -> None:
    closing.close_live(recording_id=spoken.pk)


def test_page_of_a_live_one_shows_what_was_said_and_no_player(owner, client_of_owner):
    spoken = make_live(owner)
    page = client_of_owner.get(reverse("recording", args=[spoken.pk])).content.decode()
    assert "Words appear here as they are spoken." in page
    assert f'href="{reverse("watch", args=[spoken.pk])}"' in page
    assert ("data-active" in page, 'id="player"' in page) == (True, False)


def test_transcript_can_be_read_while_the_sound_is_prepared(owner, client_of_owner):
    spoken = make_live(owner)
    make_transcript(spoken.recording, version=2, is_complete=True)
    Recording.objects.update(state=RecordingState.CLOSING)
    page = client_of_owner.get(reverse("recording", args=[spoken.pk])).content.decode()
    assert "Preparing the audio…" in page
    assert "word0.1" in page
    assert reverse("job-cancel", args=[spoken.pk]) not in page


@pytest.mark.parametrize(("media", "text_only"), [("", True), ("x", False)])
def test_text_only_is_said(owner, client_of_owner, media, text_only):
    recording = finished(owner, media=media)
    assert recording.is_text_only == text_only
    pages = [client_of_owner.get(url).content.decode() for url in ("/", reverse("recording", args=[recording.pk]))]
    assert ["Text only" in page for page in pages] == [text_only, text_only]
    assert ['id="player"' in pages[1], "Download the recording" in pages[0]] == [not text_only, not text_only]


def test_a_recording_that_never_was_live_is_not_text_only(owner):
    assert not shown(make_recording(owner)).is_text_only


# Improve ------------------------------------------------------------------------------------------------------------


def test_improve_makes_a_new_version_while_the_old_one_can_be_read(owner, client_of_owner):
    recording = finished(owner, vocabulary="Ada\nGrace")
    address = reverse("recording", args=[recording.pk])
    improve = reverse("recording-improve", args=[recording.pk])
    assert f'action="{improve}"' in client_of_owner.get(address).content.decode()

    assert client_of_owner.post(improve, {"next": "recording"}).url == address
    job = recording.jobs.latest("id")
    assert (job.state, job.transcript, job.language, job.vocabulary) == (JobState.QUEUED, None, "de", "Ada\nGrace")
    page = client_of_owner.get(address).content.decode()
    assert ("word0.1" in page, "stays until it is ready" in page, f'action="{improve}"' in page) == (True, True, False)

    job = attempts.claim_job(job_id=job.pk, worker="here:1")
    attempts.start_transcribing(job=job)
    assert "word0.1" in client_of_owner.get(address).content.decode()
    attempts.finish_job(job=job, duration=12.0)
    page = client_of_owner.get(address).content.decode()
    assert ("word0.1" in page, f'action="{improve}"' in page) == (False, False)
    assert recording.transcripts.count() == 2


def test_improve_is_offered_for_what_was_written_live_only(owner):
    assert can_improve(finished(owner))
    assert not can_improve(finished(owner, media=""))
    assert not can_improve(finished(owner, captions="later"))
    uploaded = make_job(make_recording(owner))
    Job.objects.filter(pk=uploaded.pk).update(state=JobState.DONE)
    assert not can_improve(shown(uploaded.recording))
    recording = finished(owner)
    job = jobs.improve_live(recording=recording)
    assert not can_improve(shown(recording))
    jobs.cancel_job(job=job)
    assert not can_improve(shown(recording))  # Retry is offered then


def test_silence_is_told_once_and_not_to_be_improved(owner, client_of_owner):
    recording = finished(owner)
    recording.live.transcript.segments.all().delete()
    recording.jobs.update(state=JobState.DONE_WITH_WARNING, warning=jobs.NO_SPEECH)
    page = client_of_owner.get(reverse("recording", args=[recording.pk])).content.decode()
    improve = reverse("recording-improve", args=[recording.pk])
    assert (page.count(jobs.NO_SPEECH), improve in page, can_improve(shown(recording))) == (1, False, False)


def test_improve_of_what_has_no_sound_or_was_not_live_says_why(owner, client_of_owner):
    text_only, uploaded = finished(owner, media=""), make_recording(owner)
    for recording, said in [(text_only, "kept as text only"), (uploaded, "Only what was spoken live")]:
        url = reverse("recording-improve", args=[recording.pk])
        page = client_of_owner.post(url, {"next": "recording"}, follow=True).content.decode()
        assert said in page
        assert not recording.jobs.active().exists()


def test_improve_is_for_the_owner_only(owner, client):
    recording = finished(owner)
    client.force_login(make_recording().owner)
    assert client.post(reverse("recording-improve", args=[recording.pk])).status_code == 404


# Numbers of queries --------------------------------------------------------------------------------------------------


def test_library_of_live_ones_costs_as_many_queries_for_three_as_for_one(owner, client_of_owner):
    counts = []
    for number in (1, 2):
        for _ in range(number):
            make_live(owner)
            finished(owner)
            finished(owner, media="")
            live.begin_closing(live_id=make_live(owner).pk, user=owner)
        with CaptureQueriesContext(connection) as made:
            client_of_owner.get("/")
        counts.append(len(made))
    assert counts[0] == counts[1]
