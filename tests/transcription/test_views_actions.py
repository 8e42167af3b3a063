from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from tests.factories import make_job, make_recording, make_transcript
from transcription.enums import JobState
from transcription.models import Recording
from transcription.services.recordings import move_to_trash
from transcription.services.uploads import create_upload

pytestmark = pytest.mark.django_db
ACTIONS = [
    "recording-delete",
    "recording-restore",
    "recording-purge",
    "recording-rename",
    "recording-transcribe",
    "job-cancel",
    "job-retry",
]


def told(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def post(client: Client, name: str, recording: Recording, *, htmx: str = "", **values):
    headers = {"HX-Request": "true", "HX-Target": htmx} if htmx else {}
    return client.post(reverse(name, args=[recording.pk]), values, headers=headers)


@pytest.mark.parametrize("name", ACTIONS)
def test_only_the_owner_may_act_and_only_by_post(client_of_owner, recording, name):
    assert client_of_owner.get(reverse(name, args=[recording.pk])).status_code == 405
    assert post(client_of_owner, name, make_recording()).status_code == 404
    assert post(Client(), name, recording).status_code == 302
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(recording.owner, backend="django.contrib.auth.backends.ModelBackend")
    assert post(guarded, name, recording).status_code == 403


def test_delete_moves_to_the_trash_and_offers_undo(client_of_owner, recording):
    job = make_job(recording)
    response = post(client_of_owner, "recording-delete", recording)
    assert (response.status_code, response.url) == (302, "/")
    [message] = get_messages(response.wsgi_request)
    assert (message.message, message.extra_tags) == (
        "“A talk” is in the trash.",
        reverse("recording-restore", args=[recording.pk]),
    )
    recording.refresh_from_db()
    job.refresh_from_db()
    assert recording.deleted_at is not None
    assert job.state == JobState.CANCELLED


def test_delete_by_htmx_leaves_a_place_for_undo(client_of_owner, recording):
    content = post(client_of_owner, "recording-delete", recording, htmx=f"r-{recording.pk}").content.decode()
    assert f'<li class="row-deleted" id="r-{recording.pk}" hidden></li>' in content
    assert 'hx-swap-oob="beforeend:#toasts"' in content
    back = post(client_of_owner, "recording-restore", recording, htmx="toasts").content.decode()
    assert f'<li class="row" id="r-{recording.pk}"' in back
    assert 'hx-swap-oob="true"' in back
    recording.refresh_from_db()
    assert recording.deleted_at is None


def test_delete_of_an_upload_ends_it_for_good(client_of_owner, owner):
    recording = create_upload(owner=owner, length=10, filename="a.mp3", fingerprint="", options={}).recording
    post(client_of_owner, "recording-delete", recording)
    assert not Recording.objects.filter(pk=recording.pk).exists()


def test_purge_only_from_the_trash(client_of_owner, recording):
    response = post(client_of_owner, "recording-purge", recording)
    assert told(response) == ["Only what is in the trash can be deleted for good."]
    move_to_trash(recording=recording)
    post(client_of_owner, "recording-purge", recording)
    assert not Recording.objects.filter(pk=recording.pk).exists()


def test_restore_of_what_is_not_in_the_trash_is_told(client_of_owner, recording):
    assert told(post(client_of_owner, "recording-restore", recording)) == ["This recording is not in the trash."]


@pytest.mark.parametrize(
    ("title", "expected", "message"),
    [
        ("Better", "Better", []),
        ("  two\nlines ", "two lines", []),
        ("", "A talk", ["Please give a title of 1 to 200 characters."]),
        ("x" * 201, "A talk", ["Please give a title of 1 to 200 characters."]),
    ],
)
def test_rename(client_of_owner, recording, title, expected, message):
    response = post(client_of_owner, "recording-rename", recording, title=title, next="recording")
    assert told(response) == message
    assert response.url == reverse("recording", args=[recording.pk])
    recording.refresh_from_db()
    assert recording.title == expected


def test_cancel_and_retry_show_the_new_state(client_of_owner, recording):
    make_job(recording)
    cancelled = post(client_of_owner, "job-cancel", recording, htmx="job-status").content.decode()
    assert 'id="job-status" data-kind="cancelled"' in cancelled
    waiting = post(client_of_owner, "job-retry", recording, htmx=f"r-{recording.pk}").content.decode()
    assert 'data-kind="queued"' in waiting


def test_cancel_of_an_ended_job_is_told(client_of_owner, recording):
    make_job(recording)
    post(client_of_owner, "job-cancel", recording)
    content = post(client_of_owner, "job-cancel", recording, htmx="job-status").content.decode()
    assert "This job has already ended." in content


def test_cancel_without_a_job_is_told(client_of_owner, recording):
    [message] = told(post(client_of_owner, "job-cancel", recording))
    assert message == "This is no longer possible: the state has changed in the meantime."


def test_transcribe_again_with_other_choices(client_of_owner, recording):
    make_transcript(recording)
    response = post(
        client_of_owner, "recording-transcribe", recording, language="de", task="translate", vocabulary="Ada"
    )
    assert response.url == reverse("recording", args=[recording.pk])
    job = recording.jobs.get()
    assert (job.language, job.task, job.vocabulary, job.state) == ("de", "translate", "Ada", JobState.QUEUED)


def test_transcribe_with_a_model_that_is_not_offered(client_of_owner, recording):
    response = post(client_of_owner, "recording-transcribe", recording, model="../../etc")
    assert told(response) == ["Please check the choices for the transcription."]
    assert recording.jobs.count() == 0
