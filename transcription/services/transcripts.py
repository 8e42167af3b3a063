"""Transcripts: begun, grown checkpoint by checkpoint, read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict
from math import isfinite
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext

from transcription.editing.passages import word_of
from transcription.errors import WrongState
from transcription.models import Job, Live, Recording, Speaker, Transcript, TranscriptSegment
from transcription.speech.types import Checkpoint, Decoding, Segment


def newest_transcript(*, recording: Recording) -> Transcript | None:
    """The version to show."""
    return recording.transcripts.shown_first().first()


def start_transcript(*, job: Job) -> Transcript:
    """Make the next version for a job's recording. Call inside the transaction that gives it to the job."""
    return next_version(recording_id=job.recording_id, engine=job.engine, model=job.model, task=job.task)


def next_version(*, recording_id: UUID, **fields: Any) -> Transcript:
    """Make an empty transcript after those that a recording has. Call inside the transaction that fills it."""
    newest = Transcript.objects.filter(recording=recording_id).aggregate(newest=Max("version"))["newest"] or 0
    return Transcript.objects.create(recording_id=recording_id, version=newest + 1, **fields)


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
    append_segments(transcript_id=transcript_id, segments=checkpoint.segments, is_detailed=is_detailed)


def append_segments(*, transcript_id: int, segments: Iterable[Segment], is_detailed: bool = False) -> None:
    """Write what a machine or a file said, and who said it, in the transaction that notes it in the transcript."""
    segments = list(segments)
    numbers = _number_speakers(transcript_id, dict.fromkeys(each.speaker for each in segments if each.speaker))
    rows = (_row(transcript_id, segment, is_detailed, numbers.get(segment.speaker)) for segment in segments)
    TranscriptSegment.objects.bulk_create(rows, batch_size=2000)


def _number_speakers(transcript_id: int, names: Collection[str]) -> dict[str, int]:
    """Those that the transcript does not know yet are made, numbered in this order."""
    if not names:
        return {}
    known = {speaker.name: speaker.number for speaker in Speaker.objects.filter(transcript=transcript_id)}
    new = [name for name in names if name not in known]
    known |= {name: number for number, name in enumerate(new, start=max(known.values(), default=0) + 1)}
    Speaker.objects.bulk_create(Speaker(transcript_id=transcript_id, number=known[name], name=name) for name in new)
    return known


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


def _row(
    transcript_id: int, segment: Segment, is_detailed: bool = False, speaker: int | None = None
) -> TranscriptSegment:
    return TranscriptSegment(
        transcript_id=transcript_id,
        index=segment.index,
        rank=segment.index,
        start=segment.start,
        end=segment.end,
        text=segment.text,
        language=segment.language,
        confidence=segment.confidence,
        doubt=segment.doubt,
        speaker=speaker,
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


def to_segments(
    rows: Iterable[TranscriptSegment], *, speakers: Mapping[int, str] = MappingProxyType({})
) -> tuple[Segment, ...]:
    """Rows as the pure objects that captions and exports work on. ``speakers`` are names by number."""
    return tuple(
        Segment(
            index=row.index,
            start=row.start,
            end=row.end,
            text=row.text,
            language=row.language,
            words=tuple(word_of(word) for word in row.words),
            confidence=row.confidence,
            doubt=row.doubt,
            decoding=Decoding(**row.decoding) if row.decoding else None,
            speaker=speakers.get(row.speaker, "") if row.speaker is not None else "",
        )
        for row in rows
    )
