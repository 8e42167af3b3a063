"""Which version of a transcript people see."""

import pytest

from tests.factories import make_job, make_recording, make_transcript
from transcription.services import attempts, jobs, transcripts

pytestmark = pytest.mark.django_db


def test_newest_is_the_one_being_written_and_gives_way_when_it_is_given_up():
    recording = make_recording()
    complete = make_transcript(recording)
    job = make_job(recording)
    assert transcripts.newest_transcript(recording=recording) == complete
    job = attempts.claim_job(job_id=job.pk, worker="here:1")
    assert transcripts.newest_transcript(recording=recording) == job.transcript
    jobs.cancel_job(job=job)
    assert transcripts.newest_transcript(recording=recording) == complete
    jobs.retry_job(job=job)
    assert transcripts.newest_transcript(recording=recording) == job.transcript


def test_newest_is_the_unfinished_one_when_there_is_no_other():
    job = attempts.claim_job(job_id=make_job().pk, worker="here:1")
    jobs.cancel_job(job=job)
    assert transcripts.newest_transcript(recording=job.recording) == job.transcript


def test_newest_of_two_complete_ones_is_the_later():
    recording = make_recording()
    make_transcript(recording)
    later = make_transcript(recording, version=2)
    assert transcripts.newest_transcript(recording=recording) == later
