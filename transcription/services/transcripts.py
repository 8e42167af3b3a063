"""Transcripts: begun, grown checkpoint by checkpoint, read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from math import isfinite
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils.translation import gettext

from transcription.enums import ACTIVE_STATES
from transcription.errors import WrongState
from transcription.models import Job, Live, Recording, Transcript, TranscriptSegment
from transcription.speech.types import Checkpoint, Decoding, Segment, Word


def newest_transcript(*, recording: Recording) -> Transcript | None:
    """The version to show: the newest complete one; without any, the newest that is being written.

    Who transcribes again goes on reading what is there until the new version is whole: an improvement must not begin by
    taking the text away. One that was given up on the way is shown only if there is no other.
    """
    given_up = Q(is_complete=False) & ~Q(job__state__in=ACTIVE_STATES)
    shown = recording.transcripts.annotate(given_up=given_up)
    return shown.order_by("-is_complete", "given_up", "-version").first()


def start_transcript(*, job: Job) -> Transcript:
    """Make the next version for a job's recording. Call inside the transaction that gives it to the job."""
    newest = Transcript.objects.filter(recording=job.recording_id).aggregate(newest=Max("version"))["newest"] or 0
    return Transcript.objects.create(
        recording_id=job.recording_id, version=newest + 1, engine=job.engine, model=job.model, task=job.task
    )


def append_checkpoint(*, transcript_id: int, checkpoint: Checkpoint, is_detailed: bool = False) -> None:
    """Add what is new. Call inside the transaction that checks that the writer still owns the job.

    ``is_detailed``: segments keep how they were decoded.
    """
    Transcript.objects.filter(pk=transcript_id).update(
        position=checkpoint.position,
        language=checkpoint.language,
        language_probability=checkpoint.language_probability or None,
        revision=F("revision") + 1,
    )
    TranscriptSegment.objects.bulk_create(_row(transcript_id, segment, is_detailed) for segment in checkpoint.segments)


def delete_transcript(*, transcript: Transcript, is_current: Callable[[Transcript], bool] = lambda _: True) -> bool:
    """Delete one version for good; False if it is not the one that ``is_current`` accepts, by its newest row.

    Raises WrongState for the only version, for one that a job is working on or waits to go on with, and for what was
    written while it was spoken, which the live recording needs.
    """
    with transaction.atomic():
        # Whoever begins a job, or tries one again, holds the recording: see jobs._hold.
        Recording.objects.select_for_update(no_key=True).get(pk=transcript.recording_id)
        row = Transcript.objects.select_for_update().filter(pk=transcript.pk).first()
        if row is None or not is_current(row):
            return False
        if Live.objects.filter(transcript=row).exists():
            raise WrongState(gettext("What was written while it was spoken stays with the recording."))
        if Job.objects.active().filter(transcript=row).exists():
            raise WrongState(gettext("This version is being written."))
        if not Transcript.objects.filter(recording=row.recording_id).exclude(pk=row.pk).exists():
            raise WrongState(gettext("The only version of a transcript goes with its recording."))
        row.delete()
    return True


def next_index(*, transcript: Transcript) -> int:
    newest = transcript.segments.aggregate(newest=Max("index"))["newest"]
    return 0 if newest is None else newest + 1


def _row(transcript_id: int, segment: Segment, is_detailed: bool = False) -> TranscriptSegment:
    return TranscriptSegment(
        transcript_id=transcript_id,
        index=segment.index,
        start=segment.start,
        end=segment.end,
        text=segment.text,
        language=segment.language,
        confidence=segment.confidence,
        doubt=segment.doubt,
        words=[[round(w.start, 3), round(w.end, 3), w.text, round(w.probability, 3)] for w in segment.words],
        decoding=_decoding(segment) if is_detailed else None,
    )


def _decoding(segment: Segment) -> dict[str, Any] | None:
    """JSON has no infinities."""
    if segment.decoding is None:
        return None
    values = asdict(segment.decoding)
    return {
        key: (round(value, 4) if isfinite(value) else 0.0) if isinstance(value, float) else value
        for key, value in values.items()
    }


def to_segments(rows: Iterable[TranscriptSegment]) -> tuple[Segment, ...]:
    """Rows as the pure objects that captions and exports work on."""
    return tuple(
        Segment(
            index=row.index,
            start=row.start,
            end=row.end,
            text=row.text,
            language=row.language,
            words=tuple(Word(*word) for word in row.words),
            confidence=row.confidence,
            doubt=row.doubt,
            decoding=Decoding(**row.decoding) if row.decoding else None,
        )
        for row in rows
    )
