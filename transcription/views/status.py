"""What a recording is doing, in words: one description for the library's rows and the recording's own page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.humanize.templatetags.humanize import ordinal
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.timesince import timesince
from django.utils.translation import gettext

from transcription.enums import ACTIVE_STATES, ENDED_STATES, Captions, JobState, RecordingState
from transcription.errors import stored_words
from transcription.models import Job, Live, Recording, Transcript
from transcription.services.jobs import NO_SPEECH

AWAY = timedelta(seconds=90)
"""A speaker who is there is heard of once a minute, even in silence."""


@dataclass(frozen=True, slots=True)
class Status:
    """``kind`` is for style sheets and scripts, the rest is for people. ``percent`` None: no measure of progress."""

    kind: str
    icon: str
    label: str
    detail: str = ""
    percent: int | None = None
    is_active: bool = False
    """It will change by itself: pages ask again."""
    reference: str = ""
    seconds: float | None = None
    """Of sound that are safe, while it is spoken."""

    @property
    def is_cancellable(self) -> bool:
        return self.kind in ACTIVE_STATES

    @property
    def shows_progress(self) -> bool:
        return self.kind == "uploading" or (self.is_active and self.kind not in {"queued", "live"})

    @property
    def is_problem(self) -> bool:
        return self.kind in {"failed", "done_with_warning"}


def describe(recording: Recording) -> Status:
    """Needs ``upload``, ``live`` and ``newest_jobs`` loaded (``RecordingQuerySet.for_display``)."""
    if recording.state == RecordingState.UPLOADING:
        return _uploading(recording)
    if recording.state == RecordingState.FAILED:
        reference = f"R-{recording.id.hex[:8]}"
        return Status(
            "failed",
            icon="circle-x",
            label=gettext("Failed"),
            detail=stored_words(recording.error_message),
            reference=reference,
        )
    if recording.state == RecordingState.LIVE:
        return _live(recording.live)
    if recording.state == RecordingState.CLOSING:
        return Status("closing", icon="loader-circle", label=gettext("Preparing the audio…"), is_active=True)
    job = newest_job(recording)
    return _of_job(job) if job else Status("ready", icon="circle-dashed", label=gettext("Not transcribed"))


def newest_job(recording: Recording) -> Job | None:
    return recording.newest_jobs[0] if recording.newest_jobs else None


def is_silent(recording: Recording) -> bool:
    """Read to its end, and nobody spoke."""
    job = newest_job(recording)
    return job is not None and job.warning == NO_SPEECH


def language_of(recording: Recording) -> str:
    """The language that was heard, else the one that was asked for; "" while nobody knows."""
    job = newest_job(recording)
    if job is None:
        return ""
    return str((job.transcript and job.transcript.language) or job.language)


def _uploading(recording: Recording) -> Status:
    upload = getattr(recording, "upload", None)
    if upload is None:
        return Status("fetching", icon="loader-circle", label=gettext("Fetching the file…"), is_active=True)
    percent = int(100 * upload.offset / upload.length) if upload.length else 0
    sizes = {"arrived": filesizeformat(upload.offset), "expected": filesizeformat(upload.length)}
    detail = gettext("%(arrived)s of %(expected)s") % sizes
    return Status(
        "uploading",
        icon="upload",
        label=gettext("Uploading %(percent)d %%") % {"percent": percent},
        detail=detail,
        percent=percent,
    )


def _live(spoken: Live) -> Status:
    seconds = spoken.seconds
    if spoken.paused_at is not None:
        return Status("live", icon="pause", label=gettext("Live, paused"), seconds=seconds, is_active=True)
    if timezone.now() - spoken.last_seen_at > AWAY:
        words = gettext("No sign of the speaker for %(time)s. What was said is safe.")
        detail = words % {"time": timesince(spoken.last_seen_at)}
        return Status("live", icon="hourglass", label=gettext("Live, waiting"), detail=detail, is_active=True)
    return Status("live", icon="mic", label=gettext("Live now"), seconds=seconds, is_active=True)


def can_improve(recording: Recording) -> bool:
    """What is shown was written while it was spoken, and the sound is there to read it again."""
    job, spoken = newest_job(recording), getattr(recording, "live", None)
    if job is None or spoken is None or not recording.media or spoken.captions != Captions.LIVE:
        return False
    if is_silent(recording):
        return False  # there are no words that could come out better
    return job.state in ENDED_STATES and not job.can_retry and job.transcript_id == spoken.transcript_id


def is_rewriting(recording: Recording, transcript: Transcript | None) -> bool:
    """A new version is being made while ``transcript``, a complete one, is shown."""
    job = newest_job(recording)
    return bool(transcript and transcript.is_complete and job and job.is_active and job.transcript_id != transcript.pk)


def _of_job(job: Job) -> Status:
    match job.state:
        case JobState.QUEUED:
            return Status("queued", icon="hourglass", label=gettext("Waiting"), detail=_line(job.place), is_active=True)
        case JobState.DECODING:
            return Status("decoding", icon="loader-circle", label=job.get_state_display(), is_active=True)
        case JobState.TRANSCRIBING:
            return Status(
                "transcribing",
                icon="loader-circle",
                label=gettext("Transcribing %(percent)d %%") % {"percent": job.percent},
                detail=_time_left(job.seconds_left),
                percent=job.percent,
                is_active=True,
            )
        case JobState.DONE:
            return Status("done", icon="circle-check", label=gettext("Done"))
        case JobState.DONE_WITH_WARNING:
            return Status(
                "done_with_warning",
                icon="triangle-alert",
                label=job.get_state_display(),
                detail=stored_words(job.warning),
            )
        case JobState.CANCELLED:
            return Status("cancelled", icon="circle-slash", label=gettext("Cancelled"))
    reference = f"J-{job.pk}-{job.attempt}"
    return Status(
        "failed", icon="circle-x", label=gettext("Failed"), detail=stored_words(job.error_message), reference=reference
    )


def _line(place: int) -> str:
    if place <= 1:
        return gettext("next in line")
    return gettext("%(place)s in line") % {"place": ordinal(place)}


def _time_left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 60:
        return gettext("less than a minute left")
    minutes = round(seconds / 60)
    if minutes < 90:
        return gettext("about %(minutes)d min left") % {"minutes": minutes}
    return gettext("about %(hours)s hours left") % {"hours": number_format(f"{seconds / 3600:.1f}".removesuffix(".0"))}
