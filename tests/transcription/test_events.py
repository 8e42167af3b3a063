"""The mail that tells an owner of a job's end."""

import pytest
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.factories import make_job, make_recording
from transcription.models import Recording
from transcription.services import attempts, events, jobs, queue

pytestmark = pytest.mark.django_db


def ended(*, failed: bool = False, **options):
    job = make_job(make_recording(title="Board <b>&</b> meeting"), **options)
    job = attempts.claim_job(job_id=job.pk, worker="here:1")
    attempts.start_transcribing(job=job)
    if failed:
        attempts.fail_job(job=job, code="media_unreadable", message="This file cannot be read.")
    else:
        attempts.finish_job(job=job, duration=60, warning="Parts are missing.")
    return job


def mails_waiting() -> int:
    return ProcrastinateJob.objects.filter(task_name=queue.MAIL_OWNER).count()


def test_mail_is_sent_only_when_wished():
    ended()
    assert mails_waiting() == 0
    ended(notify_by_mail=True)
    assert mails_waiting() == 1


def test_mail_of_a_finished_job_links_to_the_transcript(settings):
    settings.PUBLIC_URL = "https://scripta.example.org"
    job = ended(notify_by_mail=True)
    events.mail_owner(job_id=job.pk)
    (message,) = mail.outbox
    assert (message.to, message.subject) == ([job.recording.owner.email], "Ready to read: Board <b>&</b> meeting")
    assert f"https://scripta.example.org/recordings/{job.recording_id}/" in message.body
    assert "“Board <b>&</b> meeting”" in message.body
    assert "Parts are missing." in message.body


def test_mail_of_a_failed_job_says_why():
    job = ended(failed=True, notify_by_mail=True)
    events.mail_owner(job_id=job.pk)
    (message,) = mail.outbox
    assert message.subject == "Not transcribed: Board <b>&</b> meeting"
    assert "This file cannot be read." in message.body


def test_mail_about_a_recording_in_the_trash_is_not_sent():
    job = ended(notify_by_mail=True)
    jobs.trash_recording(recording=job.recording)
    events.mail_owner(job_id=job.pk)
    assert (mail.outbox, Recording.objects.count()) == ([], 1)


def test_cancelled_job_sends_nothing():
    job = make_job(notify_by_mail=True)
    jobs.cancel_job(job=job)
    assert mails_waiting() == 0
