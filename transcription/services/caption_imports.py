"""Captions that were made elsewhere, brought in as a version of a recording's transcript."""

from __future__ import annotations

from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext

from transcription.enums import IMPORT_ENGINE, RecordingState
from transcription.errors import BadCaptions, WrongState
from transcription.models import Recording, Transcript
from transcription.services import transcripts
from transcription.services.recordings import clean_line
from transcription.services.speakers import LONGEST_NAME, MOST_SPEAKERS
from transcription.speech import captions
from transcription.speech.errors import CaptionFileError


def import_captions(*, recording: Recording, content: bytes, language: str | None = None) -> Transcript:
    """Make a file of SubRip or WebVTT captions the newest version of the transcript, and so the one that is shown.

    Older versions stay. Its words have no times; each caption becomes a segment with its own. ``language`` None: that
    of the version shown until now. Raises BadCaptions, which says what is wrong with the file, and WrongState for a
    recording that is still arriving or in the trash.
    """
    if language is None:
        shown = transcripts.newest_transcript(recording=recording)
        language = shown.language if shown else ""
    try:
        segments = captions.read_captions(content, language=language, duration=recording.duration)
    except CaptionFileError as error:
        raise BadCaptions(error.message) from error
    segments = tuple(replace(segment, speaker=clean_line(segment.speaker, limit=LONGEST_NAME)) for segment in segments)
    if len({segment.speaker for segment in segments} - {""}) > MOST_SPEAKERS:
        raise BadCaptions(gettext("This file names more than %(most)d speakers.") % {"most": MOST_SPEAKERS})
    with transaction.atomic():
        kept = Recording.objects.kept().select_for_update(no_key=True)
        if not kept.filter(pk=recording.pk, state=RecordingState.READY).exists():
            raise WrongState(gettext("Captions can be imported once the recording has arrived."))
        transcript = transcripts.next_version(
            recording_id=recording.pk,
            engine=IMPORT_ENGINE,
            language=language,
            position=recording.duration or segments[-1].end,
            is_complete=True,
            revision=1,
        )
        transcripts.append_segments(transcript_id=transcript.pk, segments=segments)
        kept.filter(pk=recording.pk).update(shown_version=None)
    return transcript
