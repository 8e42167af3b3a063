"""The judge of the fault measurements: what it accepts, and that it sees each kind of damage."""

import pytest

from tests.factories import make_job, make_transcript
from transcription.enums import JobState
from transcription.management.benchmarks.completeness import Content, content_of, differences, ended_once
from transcription.models import Job
from transcription.services import attempts, queue

SENTENCES = [f"this is sentence number {n} of the talk" for n in range(20)]
ROWS = tuple((n, n * 4.0, n * 4.0 + 3.0, text) for n, text in enumerate(SENTENCES))
WHOLE = Content(80.0, ROWS)


def test_same_content_has_no_differences():
    assert differences(WHOLE, WHOLE) == []


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        (
            Content(80.0, ROWS[:3] + ROWS[4:]),
            ["segments are not numbered without gaps", "differs by 5.0% of the words"],
        ),
        (Content(80.0, (*ROWS, (20, 80.0, 83.0, SENTENCES[19]))), ["ends elsewhere", "differs by 5.0% of the words"]),
        (Content(80.0, (*ROWS[:-1], (19, 60.0, 79.0, SENTENCES[19]))), ["times go back"]),
        (Content(70.0, ROWS), ["covers 70.0 s of 80.0 s"]),
    ],
)
def test_damage_is_named(content, problems):
    assert differences(content, WHOLE) == problems


def finished_job() -> Job:
    made = make_job()
    transcript = make_transcript(made.recording, segments=2)
    Job.objects.filter(pk=made.pk).update(state=JobState.DONE, transcript=transcript)
    queue.defer_mail(job_id=made.pk)
    return Job.objects.get(pk=made.pk)


@pytest.mark.django_db
def test_job_that_ended_once_is_accepted():
    job = finished_job()
    assert ended_once(job) == []
    assert [row[0] for row in content_of(job).rows] == [0, 1]


@pytest.mark.django_db
def test_job_that_ended_twice_is_refused():
    job = finished_job()
    queue.defer_mail(job_id=job.pk)
    make_transcript(job.recording, version=2)
    assert ended_once(job) == ["its end was told 2 times", "has 2 transcripts"]


@pytest.mark.django_db
def test_job_that_failed_is_refused():
    job = make_job()
    claimed = attempts.claim_job(job_id=job.pk, worker="here:1")
    attempts.fail_job(job=claimed, code="worker_lost", message="It stopped.")
    job.refresh_from_db()
    assert ended_once(job) == ["ended as failed worker_lost", "its end was told 0 times"]
