"""Whether a job that was disturbed ended as one that was not."""

from __future__ import annotations

from dataclasses import dataclass

from procrastinate.contrib.django.models import ProcrastinateJob

from transcription.enums import JobState
from transcription.models import Job, TranscriptSegment
from transcription.services import queue
from transcription.speech.metrics import word_errors

MOST_WER = 0.01
"""A job that goes on cuts its windows anew, and the model may then hear a word differently."""
CLOCK = 0.02
"""Seconds: word times are multiples of it."""
END = 1.0
"""Seconds by which the end of the last word may differ."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a job wrote."""

    position: float
    rows: tuple[tuple[int, float, float, str], ...]
    """Index, start, end and text of every segment."""

    @property
    def text(self) -> str:
        return " ".join(row[3] for row in self.rows)


def content_of(job: Job) -> Content:
    rows = TranscriptSegment.objects.filter(transcript=job.transcript_id).order_by("index")
    position = job.transcript.position if job.transcript else 0.0
    return Content(position, tuple(rows.values_list("index", "start", "end", "text")))


def ended_once(job: Job) -> list[str]:
    """What is wrong with the job's end, nothing if it is done and was done once. The job must tell by mail."""
    problems = []
    if job.state != JobState.DONE:
        problems.append(f"ended as {job.state} {job.error_code}")
    told = ProcrastinateJob.objects.filter(task_name=queue.MAIL_OWNER, args={"job_id": job.pk}).count()
    if told != 1:
        problems.append(f"its end was told {told} times")
    if (made := job.recording.transcripts.count()) != 1:
        problems.append(f"has {made} transcripts")
    return problems


def differences(content: Content, expected: Content) -> list[str]:
    """What is missing, doubled or out of order, compared with an undisturbed job's content."""
    problems = []
    if [row[0] for row in content.rows] != list(range(len(content.rows))):
        problems.append("segments are not numbered without gaps")
    times = [time for row in content.rows for time in row[1:3]]
    if any(after < before - CLOCK for before, after in zip(times, times[1:], strict=False)):
        problems.append("times go back")
    if not content.rows or abs(content.rows[-1][2] - expected.rows[-1][2]) > END:
        problems.append("ends elsewhere")
    if abs(content.position - expected.position) > CLOCK:
        problems.append(f"covers {content.position:.1f} s of {expected.position:.1f} s")
    if (rate := word_errors(expected.text, content.text).rate) > MOST_WER:
        problems.append(f"differs by {rate:.1%} of the words")
    return problems
