"""Our whole way, for measuring: from a file in the library to rows in the database."""

from __future__ import annotations

import logging
from pathlib import Path

from django.conf import settings

from transcription.enums import ENDED_STATES
from transcription.management.benchmarks.readers import Reader, Result
from transcription.management.benchmarks.scratch import add_recording
from transcription.models import Job
from transcription.services import attempts, jobs, pipeline
from transcription.speech.engines.base import EngineOptions


def library_reader(options: EngineOptions, *, beam_size: int) -> Reader:
    """Each reading is a job of its own: enqueued, claimed, worked on with checkpoints, and read from its rows.

    Runs in an installation without workers, whose jobs nobody else takes. The time includes the copy into the library.
    """
    settings.BEAM_SIZE, settings.COMPUTE_TYPE = beam_size, options.compute_type
    logging.getLogger("transcription").setLevel(logging.WARNING)

    def read(path: Path, language: str) -> Result:
        choices = jobs.JobOptions(engine=options.name, model=options.model, language=language)
        job = jobs.submit_job(recording=add_recording(path.resolve(), title=path.stem), options=choices)
        claimed = attempts.claim_job(job_id=job.pk, worker="benchmark")
        if claimed is None:
            raise RuntimeError("somebody else took the job")
        pipeline.run_attempt(job=claimed, worker_stops=lambda: False)
        return _result(Job.objects.select_related("recording", "transcript").get(pk=job.pk))

    return read


def _result(job: Job) -> Result:
    if job.state not in ENDED_STATES or job.transcript is None or not job.transcript.is_complete:
        raise RuntimeError(f"the job ended as {job.state}: {job.error_message}")
    text = " ".join(job.transcript.segments.order_by("index").values_list("text", flat=True))
    return Result(text, job.transcript.language, job.recording.duration or 0.0)
