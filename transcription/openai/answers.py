"""A finished transcript in the format that a client wants."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse, JsonResponse

from transcription.enums import JobState, Task
from transcription.models import Job
from transcription.openai import errors
from transcription.openai.fields import Wish
from transcription.openai.names import language_name
from transcription.services import exports, transcripts
from transcription.speech.captions import clean, needs_space
from transcription.speech.types import Segment, Word

PLAIN = "text/plain; charset=utf-8"


def load(*, job_id: int) -> Job:
    """The ended job. Raises ApiError when it has not ended well."""
    job: Job | None = Job.objects.select_related("recording", "transcript").filter(pk=job_id).first()
    if job is None or job.recording.deleted_at is not None:
        raise errors.GONE
    if job.state == JobState.CANCELLED:
        raise errors.CANCELLED
    if job.state == JobState.FAILED or job.transcript is None:
        raise errors.of_the_job(job.error_code, job.error_message)
    job.transcript.recording = job.recording
    return job


def segments_after(*, job_id: int, index: int) -> tuple[Segment, ...]:
    """Of an unfinished transcript too."""
    job = Job.objects.select_related("transcript").filter(pk=job_id).first()
    if job is None or job.transcript is None:
        return ()
    return transcripts.to_segments(job.transcript.segments.filter(index__gt=index).order_by("index"))


def answer(*, job_id: int, wish: Wish) -> HttpResponse:
    job = load(job_id=job_id)
    assert job.transcript is not None
    if wish.format in {"srt", "vtt"}:
        exported = exports.export_transcript(transcript=job.transcript, format=wish.format)
        return HttpResponse(exported.content, content_type=exported.media_type)
    segments = transcripts.to_segments(job.transcript.segments.order_by("index"))
    text = running_text(segments)
    if wish.format == "text":
        return HttpResponse(f"{text}\n", content_type=PLAIN)
    body = {"text": text, "usage": usage(job)}
    return JsonResponse(body if wish.format == "json" else _verbose(job, segments, wish) | body)


def running_text(segments: Iterable[Segment]) -> str:
    text = ""
    for segment in segments:
        text += continuation(text, segment)
    return text


def continuation(text: str, segment: Segment) -> str:
    """What a segment adds to the text before it, with the space between the two if there must be one."""
    added = clean(segment.text).strip()
    return f" {added}" if text and added and needs_space(text, added) else added


def usage(job: Job) -> dict[str, Any]:
    return {"type": "duration", "seconds": round(job.recording.duration or 0.0, 2)}


def _verbose(job: Job, segments: tuple[Segment, ...], wish: Wish) -> dict[str, Any]:
    assert job.transcript is not None
    language = "en" if job.task == Task.TRANSLATE else job.transcript.language
    body: dict[str, Any] = {
        "task": job.task,
        "language": language_name(language),
        "duration": round(job.recording.duration or 0.0, 2),
    }
    if "segment" in wish.granularities:
        body["segments"] = [_segment(segment) for segment in segments]
    if "word" in wish.granularities:
        body["words"] = [_word(word) for segment in segments for word in segment.words]
    return body


def _segment(segment: Segment) -> dict[str, Any]:
    decoding = segment.decoding
    return {
        "id": segment.index,
        "seek": decoding.seek if decoding else 0,
        "start": round(segment.start, 3),
        "end": round(segment.end, 3),
        "text": clean("".join(word.text for word in segment.words) or segment.text),
        "tokens": list(decoding.tokens) if decoding else [],
        "temperature": decoding.temperature if decoding else 0.0,
        "avg_logprob": decoding.avg_logprob if decoding else 0.0,
        "compression_ratio": decoding.compression_ratio if decoding else 0.0,
        "no_speech_prob": decoding.no_speech_prob if decoding else 0.0,
    }


def _word(word: Word) -> dict[str, Any]:
    return {"word": clean(word.text).strip(), "start": word.start, "end": word.end}
