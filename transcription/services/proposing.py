"""One attempt at a proposal: a part of the stored file, read once more with more care. Brings the recogniser."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import structlog
from django.conf import settings
from django.utils.translation import gettext

from transcription import whisper_service
from transcription.enums import Task
from transcription.errors import StaleAttempt
from transcription.models import Proposal
from transcription.services import proposal_attempts, recordings
from transcription.services.interest import Interest
from transcription.speech import audio, batch, types
from transcription.speech.errors import Cancelled, MediaError, SpeechError

log = structlog.get_logger(__name__)

BEAM_SIZE = 5
READING_SHARE = 0.3
"""Of the progress, for reading the file up to the part: all before it is decoded, which takes seconds an hour."""


def make_proposal(*, proposal_id: int, should_stop: Callable[[], bool] = lambda: False) -> None:
    """Make the proposal that is asked for. Safe to repeat; what is no longer wanted is left alone.

    Errors of the database are not handled here: the row stays as it is, and another attempt begins again.
    """
    proposal = proposal_attempts.claim_proposal(proposal_id=proposal_id)
    if proposal is None:
        return
    began, outcome = time.monotonic(), "ready"
    try:
        _transcribe(proposal, Interest(should_stop, partial(proposal_attempts.note_progress, proposal)))
    except StaleAttempt:
        outcome = "given up"
    except Cancelled:
        outcome = "released" if should_stop() else "given up"
        if should_stop():
            proposal_attempts.release_proposal(proposal=proposal)
    except SpeechError as error:
        outcome = error.code
        log.warning("proposal failed", proposal=proposal.pk, code=error.code, detail=error.detail)
        proposal_attempts.fail_proposal(proposal=proposal, code=error.code, message=error.message)
    except (MemoryError, OSError, ValueError, RuntimeError) as error:
        outcome = "internal"
        log.exception("proposal failed", proposal=proposal.pk, error=type(error).__name__)
        message = gettext("Something went wrong on the server. The text is as it was.")
        proposal_attempts.fail_proposal(proposal=proposal, code="internal", message=message)
    seconds = round(time.monotonic() - began, 2)
    sound = round(proposal.end - proposal.start, 2)
    log.info("proposal ended", proposal=proposal.pk, outcome=outcome, sound=sound, seconds=seconds)


def _transcribe(proposal: Proposal, interest: Interest) -> None:
    start, end = proposal.start, proposal.end
    warm_up = min(start, batch.WARM_UP_SECONDS)
    engine = whisper_service.get_engine(engine=proposal.engine, model=proposal.model)
    blocks = _sound(proposal, interest, start - warm_up)
    segments: list[types.Segment] = []
    for checkpoint in batch.transcribe(
        blocks, engine, _options(proposal), start=start, warm_up=warm_up, should_stop=interest.is_gone
    ):
        segments += checkpoint.segments
        interest.share = READING_SHARE + (1 - READING_SHARE) * (checkpoint.position - start) / (end - start)
    words = [_within(word, start, end) for segment in segments for word in segment.words if word.text.strip()]
    doubt = next((segment.doubt for segment in segments if segment.doubt), "")
    proposal_attempts.finish_proposal(proposal=proposal, words=words, doubt=doubt)


def _sound(proposal: Proposal, interest: Interest, begin: float) -> list[types.Samples]:
    """From ``begin`` seconds to the proposal's end: three minutes and the warming up at most. Raises MediaError."""
    recording = proposal.transcript.recording
    if not recording.media:
        raise MediaError(gettext("The sound of this recording was deleted in the meantime."))
    read = 0.0

    def observe(block: types.Samples) -> None:
        """Also sees what lies before the part: hours, where it is late in a long recording."""
        nonlocal read
        read += len(block) / types.SAMPLE_RATE
        interest.share = READING_SHARE * min(read / proposal.end, 1.0)
        if interest.is_gone():
            raise Cancelled

    limits = audio.Limits(max_seconds=settings.MAX_DURATION_HOURS * 3600)
    with (
        recordings.local_media(recording=recording) as path,
        audio.decode(path, start=begin, limits=limits, observe=observe) as decoder,
    ):
        blocks = list(_until(decoder, proposal.end - begin))
    if sum(map(len, blocks)) <= (proposal.start - begin) * types.SAMPLE_RATE:
        raise MediaError(gettext("The file ends before this passage."))
    return blocks


def _until(blocks: Iterator[types.Samples], seconds: float) -> Iterator[types.Samples]:
    left = round(seconds * types.SAMPLE_RATE)
    for block in blocks:
        yield block[:left]
        left -= len(block)
        if left <= 0:
            return


def _within(word: types.Word, start: float, end: float) -> types.Word:
    return replace(word, start=min(max(word.start, start), end), end=min(max(word.end, start), end))


def _options(proposal: Proposal) -> types.TranscribeOptions:
    is_translation = proposal.transcript.task == Task.TRANSLATE
    return types.TranscribeOptions(
        language=proposal.language,
        task="translate" if is_translation else "transcribe",
        vocabulary=tuple(proposal.vocabulary.splitlines()),
        beam_size=max(BEAM_SIZE, settings.BEAM_SIZE),
        prompt=proposal.context,
    )
