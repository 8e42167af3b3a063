"""Jobs against a real Postgres and the real queue, without a worker: each step is called as a worker would."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.factories import make_job, make_recording, make_user
from transcription.enums import JobState, RecordingState
from transcription.errors import AlreadyRunning, BadRequest, StaleAttempt, WrongState
from transcription.models import Job, Transcript, TranscriptSegment
from transcription.services import attempts, jobs, recordings
from transcription.speech.types import Checkpoint, Segment

pytestmark = pytest.mark.django_db


def checkpoint(position: float, *indices: int) -> Checkpoint:
    segments = tuple(Segment(index=i, start=i, end=i + 1, text=f"text {i}", language="en") for i in indices)
    return Checkpoint(position=position, segments=segments, language="en", language_probability=0.9)


def claimed(job: Job) -> Job:
    taken = attempts.claim_job(job_id=job.pk, worker="here:1")
    assert taken is not None
    return taken


def transcribing(job: Job) -> Job:
    taken = claimed(job)
    attempts.start_transcribing(job=taken)
    return taken


def state_of(job: Job) -> str:
    return Job.objects.values_list("state", flat=True).get(pk=job.pk)


def lose_worker(job: Job) -> None:
    """What the queue looks like when a worker was killed: the entry is being worked on by nobody."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [job.task_id])


def test_submit_makes_the_row_and_its_queue_entry():
    job = make_job()
    entry = ProcrastinateJob.objects.get(pk=job.task_id)
    assert (job.state, entry.status, entry.args) == (JobState.QUEUED, "todo", {"job_id": job.pk})


@pytest.mark.django_db(transaction=True)
def test_submit_rolled_back_leaves_neither_row_nor_entry():
    recording = make_recording()
    with transaction.atomic():
        job = make_job(recording)
        transaction.set_rollback(True)
    assert not Job.objects.filter(pk=job.pk).exists()
    assert not ProcrastinateJob.objects.filter(pk=job.task_id).exists()


def test_submit_twice_is_refused():
    recording = make_recording()
    make_job(recording)
    with pytest.raises(AlreadyRunning):
        make_job(recording)
    assert recording.jobs.count() == 1


@pytest.mark.parametrize("fields", [{"state": RecordingState.UPLOADING}, {"deleted_at": timezone.now()}])
def test_submit_needs_a_recording_that_is_there(fields):
    with pytest.raises(WrongState):
        make_job(make_recording(**fields))


def test_attempt_from_claim_to_end_keeps_every_segment_once():
    job = transcribing(make_job())
    attempts.save_checkpoint(job=job, checkpoint=checkpoint(10, 0, 1), progress=0.2, seconds_left=40)
    attempts.save_checkpoint(job=job, checkpoint=checkpoint(60, 2), progress=1.0, seconds_left=0)
    attempts.finish_job(job=job, duration=59.5)
    job.refresh_from_db()
    transcript = job.transcript
    assert (job.state, job.progress, job.recording.duration) == (JobState.DONE, 1.0, 59.5)
    assert [s.text for s in transcript.segments.order_by("index")] == ["text 0", "text 1", "text 2"]
    assert (transcript.position, transcript.language, transcript.is_complete) == (60, "en", True)


def test_claim_of_a_job_that_somebody_has_gives_nothing():
    job = make_job()
    claimed(job)
    assert attempts.claim_job(job_id=job.pk, worker="there:2") is None


def test_claim_of_a_trashed_recording_gives_nothing():
    job = make_job()
    jobs.trash_recording(recording=job.recording)
    assert attempts.claim_job(job_id=job.pk, worker="here:1") is None


def test_checkpoint_of_a_stale_attempt_writes_nothing():
    job = transcribing(make_job())
    lose_worker(job)
    assert attempts.take_back_lost_jobs(silence=10) == 1
    transcribing(job)
    for write in (
        lambda: attempts.save_checkpoint(job=job, checkpoint=checkpoint(10, 0), progress=0.1, seconds_left=None),
        lambda: attempts.finish_job(job=job, duration=1),
        lambda: attempts.fail_job(job=job, code="x", message="x"),
    ):
        with pytest.raises(StaleAttempt):
            write()
    assert (TranscriptSegment.objects.count(), state_of(job)) == (0, JobState.TRANSCRIBING)


def test_segment_written_twice_is_refused_by_the_database():
    job = transcribing(make_job())
    attempts.save_checkpoint(job=job, checkpoint=checkpoint(10, 0), progress=0.1, seconds_left=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        attempts.save_checkpoint(job=job, checkpoint=checkpoint(20, 0), progress=0.2, seconds_left=None)
    assert job.transcript.segments.count() == 1


@pytest.mark.parametrize("prepare", [make_job, lambda: claimed(make_job()), lambda: transcribing(make_job())])
def test_cancel_works_in_every_active_state(prepare):
    job = prepare()
    jobs.cancel_job(job=job)
    assert (state_of(job), attempts.is_current(job=job)) == (JobState.CANCELLED, False)


def test_cancel_takes_a_waiting_job_out_of_the_queue():
    job = make_job()
    jobs.cancel_job(job=job)
    assert ProcrastinateJob.objects.get(pk=job.task_id).status == "cancelled"


def test_cancel_of_an_ended_job_is_refused():
    job = transcribing(make_job())
    attempts.finish_job(job=job, duration=1)
    with pytest.raises(WrongState):
        jobs.cancel_job(job=job)


def test_retry_goes_on_from_the_checkpoint():
    job = transcribing(make_job())
    attempts.save_checkpoint(job=job, checkpoint=checkpoint(10, 0), progress=0.1, seconds_left=None)
    attempts.fail_job(job=job, code="model_error", message="No.")
    again = claimed(jobs.retry_job(job=job))
    assert (again.transcript_id, again.transcript.position, again.attempt) == (job.transcript_id, 10, 2)
    assert (again.error_code, again.error_message) == ("", "")


def test_retry_of_a_finished_job_is_refused():
    job = transcribing(make_job())
    attempts.finish_job(job=job, duration=1)
    with pytest.raises(WrongState):
        jobs.retry_job(job=job)


def test_retry_while_another_job_runs_is_refused():
    recording = make_recording()
    first = make_job(recording)
    jobs.cancel_job(job=first)
    make_job(recording)
    with pytest.raises(AlreadyRunning):
        jobs.retry_job(job=first)


def test_release_puts_the_job_back_without_counting_the_attempt():
    job = transcribing(make_job())
    attempts.release_job(job=job)
    job.refresh_from_db()
    assert (job.state, job.idle_attempts) == (JobState.QUEUED, 0)
    assert claimed(job).attempt == 2


def test_release_after_a_checkpoint_counts_nothing_either():
    job = transcribing(make_job())
    attempts.save_checkpoint(job=job, checkpoint=checkpoint(10, 0), progress=0.1, seconds_left=None)
    attempts.release_job(job=job)
    job.refresh_from_db()
    assert (job.state, job.idle_attempts) == (JobState.QUEUED, 0)


def test_lost_worker_is_given_up_after_three_attempts_without_progress():
    job = make_job()
    states = []
    for _ in range(3):
        lose_worker(transcribing(job))
        job.refresh_from_db()
        lose_worker(job)
        attempts.take_back_lost_jobs(silence=10)
        states.append(state_of(job))
        job.refresh_from_db()
    assert states == [JobState.QUEUED, JobState.QUEUED, JobState.FAILED]
    assert job.error_code == "worker_lost"


def test_lost_worker_with_progress_is_tried_on():
    job = make_job()
    for number in range(5):
        taken = transcribing(job)
        attempts.save_checkpoint(job=taken, checkpoint=checkpoint(10 + number, number), progress=0.1, seconds_left=None)
        job.refresh_from_db()
        lose_worker(job)
        assert attempts.take_back_lost_jobs(silence=10) == 1
        job.refresh_from_db()
    assert (job.state, job.attempt) == (JobState.QUEUED, 5)


def test_queue_entry_that_is_gone_is_made_again():
    job = make_job()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job.task_id])
    assert attempts.take_back_lost_jobs(silence=10) == 1
    job.refresh_from_db()
    assert ProcrastinateJob.objects.get(pk=job.task_id).status == "todo"


def test_healthy_jobs_are_left_alone():
    waiting, running = make_job(), make_job()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        worker = cursor.fetchone()[0]
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s", [worker, running.task_id]
        )
    transcribing(running)
    assert attempts.take_back_lost_jobs(silence=10) == 0
    assert (state_of(waiting), state_of(running)) == (JobState.QUEUED, JobState.TRANSCRIBING)


def test_place_in_line_counts_priority_and_order():
    first, second = make_job(), make_job()
    urgent = jobs.submit_job(recording=make_recording(), options=jobs.JobOptions(), priority=5)
    places = [jobs.place_in_line(job=job) for job in (urgent, first, second)]
    claimed(urgent)
    urgent.refresh_from_db()
    assert (places, jobs.place_in_line(job=urgent)) == ([1, 2, 3], 0)


@pytest.mark.django_db(transaction=True)
def test_claim_by_many_at_once_is_won_by_one():
    job = make_job()
    barrier, won = threading.Barrier(6), []

    def claim(number: int) -> None:
        barrier.wait()
        if attempts.claim_job(job_id=job.pk, worker=f"w{number}"):
            won.append(number)
        connection.close()

    threads = [threading.Thread(target=claim, args=[n]) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), Job.objects.get(pk=job.pk).attempt, Transcript.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize(
    "values",
    [
        {"model": "no-such-model"},
        {"model": "/etc"},
        {"model": 5},
        {"language": "klingon"},
        {"task": "dance"},
        {"vocabulary": "x" * 2001},
        {"vocabulary": "a\0b"},
        {"notify_by_mail": "yes"},
        {"colour": "red"},
        {"prompt": "only of programs"},
        {"temperature": 0.5},
        {"is_detailed": True},
    ],
)
def test_options_from_outside_are_checked(values):
    with pytest.raises(BadRequest):
        jobs.JobOptions.from_dict(values)


def test_options_take_the_users_defaults_and_never_an_engine():
    user = make_user(default_language="de", notify_by_mail=True)
    defaults = jobs.JobOptions.for_user(user)
    options = jobs.JobOptions.from_dict({"engine": "other", "task": "translate"}, defaults=defaults)
    expected = jobs.JobOptions(language="de", notify_by_mail=True, task="translate")
    assert options == expected


def test_work_begun_from_an_old_page_on_a_trashed_recording_is_refused():
    job = make_job()
    jobs.cancel_job(job=job)
    seen_before = Job.objects.select_related("recording").get(pk=job.pk)
    jobs.trash_recording(recording=job.recording)
    with pytest.raises(WrongState):
        jobs.retry_job(job=seen_before)
    with pytest.raises(WrongState):
        make_job(seen_before.recording)
    assert state_of(job) == JobState.CANCELLED


@pytest.mark.django_db(transaction=True)
def test_trash_while_the_job_ends_waits_for_nobody_in_a_circle():
    job = transcribing(make_job())
    outcome: list[object] = []

    def finish() -> None:
        try:
            outcome.append(attempts.finish_job(job=job, duration=1.0))
        except Exception as error:  # noqa: BLE001  (compared below)
            outcome.append(type(error))
        finally:
            connection.close()

    worker = threading.Thread(target=finish)
    with transaction.atomic():
        recordings.move_to_trash(recording=job.recording)
        worker.start()
        wait_for_a_lock()
        jobs.cancel_job(job=job)
    worker.join()
    assert (outcome, state_of(job)) == ([StaleAttempt], JobState.CANCELLED)


def wait_for_a_lock() -> None:
    """Until somebody else's statement waits for a row."""
    for _ in range(100):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_stat_clear_snapshot(), pg_sleep(0.05)")
    raise AssertionError("nobody waits")
