"""Which version of a transcript people see."""

import pytest

from tests.factories import make_job, make_recording, make_transcript
from transcription.services import attempts, jobs, transcripts

pytestmark = pytest.mark.django_db


def test_complete_one_stays_until_the_next_is_complete():
    recording = make_recording()
    complete = make_transcript(recording)
    job = attempts.claim_job(job_id=make_job(recording).pk, worker="here:1")
    attempts.start_transcribing(job=job)
    assert transcripts.newest_transcript(recording=recording) == complete
    attempts.finish_job(job=job, duration=60.0)
    assert transcripts.newest_transcript(recording=recording) == job.transcript


def test_newest_is_the_one_being_written_and_gives_way_to_the_next_when_it_is_given_up():
    recording = make_recording()
    first = attempts.claim_job(job_id=make_job(recording).pk, worker="here:1")
    assert transcripts.newest_transcript(recording=recording) == first.transcript
    jobs.cancel_job(job=first)
    second = attempts.claim_job(job_id=make_job(recording).pk, worker="here:1")
    assert transcripts.newest_transcript(recording=recording) == second.transcript
    jobs.cancel_job(job=second)
    assert transcripts.newest_transcript(recording=recording) == second.transcript
    jobs.retry_job(job=first)
    assert transcripts.newest_transcript(recording=recording) == first.transcript


def test_newest_is_the_unfinished_one_when_there_is_no_other():
    job = attempts.claim_job(job_id=make_job().pk, worker="here:1")
    jobs.cancel_job(job=job)
    assert transcripts.newest_transcript(recording=job.recording) == job.transcript


def test_newest_of_two_complete_ones_is_the_later():
    recording = make_recording()
    make_transcript(recording)
    later = make_transcript(recording, version=2)
    assert transcripts.newest_transcript(recording=recording) == later
