"""What webhooks are told of, and which of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from tests.factories import make_job, make_live, make_recording
from tests.transcription.told import looks, make_webhook, told
from transcription.enums import RecordingState
from transcription.errors import WrongState
from transcription.services import attempts, closing, jobs, live, recordings

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _local_receivers(settings: Any) -> None:
    settings.WEBHOOKS_ALLOW_PRIVATE = ["127.0.0.1"]


def test_file_is_told_of_once_when_it_comes_and_once_when_its_text_is_ready():
    webhook = make_webhook()
    recording = recordings.create_recording(owner=webhook.user, title="A talk", original_name="talk.flac", size=3)
    recording.state = RecordingState.READY
    recording.save()
    job = attempts.claim_job(job_id=make_job(recording, language="de").pk, worker="here:1")
    attempts.start_transcribing(job=job)
    attempts.finish_job(job=job, duration=61.5)
    assert told(webhook) == ["recording.created", "transcript.completed"]
    message = webhook.deliveries.latest("id").payload
    assert (message.pop("created_at")[:4], message.pop("id")) == (
        str(timezone.now().year),
        str(webhook.deliveries.latest("id").event_id),
    )
    described = {"id": str(recording.pk), "title": "A talk", "state": "ready", "duration": 61.5, "language": "de"}
    data = {"recording": described, "transcript": job.transcript_id, "job": job.pk}
    assert message == {"type": "transcript.completed", "data": data}


def test_failure_is_told_with_its_code_and_words():
    webhook = make_webhook()
    job = attempts.claim_job(job_id=make_job(make_recording(webhook.user)).pk, worker="here:1")
    attempts.fail_job(job=job, code="media_unreadable", message="This file cannot be read.")
    assert told(webhook) == ["transcript.failed"]
    data = webhook.deliveries.get().payload["data"]
    assert data["error"] == {"code": "media_unreadable", "message": "This file cannot be read."}
    assert (data["transcript"], data["job"]) == (None, job.pk)


def test_cancelled_job_is_not_told():
    webhook = make_webhook()
    jobs.cancel_job(job=make_job(make_recording(webhook.user)))
    assert told(webhook) == []


def test_file_that_never_arrives_is_told_once():
    webhook = make_webhook()
    recording = make_recording(webhook.user, state=RecordingState.UPLOADING)
    for _ in range(2):
        recordings.fail_recording(recording=recording, code="upload_unfinished", message="Not finished.")
    assert told(webhook) == ["transcript.failed"]
    assert webhook.deliveries.get().payload["data"]["job"] is None


def test_live_recording_is_told_of_from_its_beginning_to_its_text():
    webhook = make_webhook()
    spoken = make_live(webhook.user)
    live.begin_closing(live_id=spoken.pk, user=webhook.user)
    with pytest.raises(WrongState):
        live.begin_closing(live_id=spoken.pk, user=webhook.user)
    assert told(webhook) == ["recording.created", "live.started", "live.finished"]
    for _ in range(2):
        closing.close_live(recording_id=spoken.pk)
    assert told(webhook)[3:] == ["transcript.completed"]


def test_recording_made_for_one_answer_is_not_told_of():
    webhook = make_webhook()
    recording = recordings.create_recording(
        owner=webhook.user, title="", original_name="a.wav", size=3, delete_after=timezone.now()
    )
    recording.state = RecordingState.READY
    recording.save()
    job = attempts.claim_job(job_id=make_job(recording).pk, worker="here:1")
    attempts.start_transcribing(job=job)
    attempts.finish_job(job=job, duration=1.0)
    assert told(webhook) == []


def test_only_those_who_asked_are_told():
    wanting = make_webhook(events=["live.started"])
    others = [
        make_webhook(user=wanting.user, events=["live.finished"]),
        make_webhook(user=wanting.user, is_active=False),
        make_webhook(),
    ]
    make_live(wanting.user)
    assert [told(webhook) for webhook in (wanting, *others)] == [["live.started"], [], [], []]
    assert (looks(wanting), looks(others[0])) == (1, 0)


def test_all_webhooks_get_the_same_identifier():
    first = make_webhook()
    second = make_webhook(user=first.user)
    recordings.create_recording(owner=first.user, title="", original_name="a.wav", size=3)
    assert first.deliveries.get().payload == second.deliveries.get().payload


def test_what_is_rolled_back_is_not_told():
    webhook = make_webhook()
    with transaction.atomic():
        recordings.create_recording(owner=webhook.user, title="", original_name="a.wav", size=3)
        transaction.set_rollback(True)
    assert (told(webhook), looks(webhook)) == ([], 0)
