"""Transcripts as files, and what a reader of their captions would complain of."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import regex
from django.utils import timezone
from pathvalidate import sanitize_filename

from transcription.enums import IMPORT_ENGINE, Task
from transcription.errors import CannotExport
from transcription.models import Transcript
from transcription.services import edits, transcripts
from transcription.services.speakers import names_of
from transcription.speech import captions
from transcription.speech.errors import MissingFont

LONGEST_NAME = 150
"""Bytes of a file's name before its ending; file systems end at 255, and browsers add to it."""
_INVISIBLE = regex.compile(r"[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+")


def export_transcript(
    *, transcript: Transcript, format: str, times: bool | None = None, speakers: bool | None = None
) -> captions.Exported:
    """Write a transcript, unfinished ones as far as they go. ``times`` and ``speakers`` None: as usual in the format.

    Raises ``UnknownFormat``, ``UnknownOption``, and CannotExport for text that the format cannot show.
    """
    try:
        return captions.export(format, document_of(transcript=transcript), times=times, speakers=speakers)
    except MissingFont as error:
        raise CannotExport(error.message) from error


def check_captions(
    *, transcript: Transcript, format: str, speakers: bool | None = None
) -> tuple[captions.CheckedCue, ...]:
    """Its captions as ``export_transcript`` writes them, each with the rules that it breaks. Raises as that does."""
    return _checked(transcript.pk, transcript.revision, format, speakers)


@lru_cache(maxsize=2)
def _checked(pk: int, revision: int, format: str, speakers: bool | None) -> tuple[captions.CheckedCue, ...]:
    """Kept while somebody turns the pages: the captions of ten hours take seconds to make."""
    transcript = Transcript.objects.select_related("recording").get(pk=pk)
    return tuple(captions.report(format, document_of(transcript=transcript), speakers=speakers))


def document_of(*, transcript: Transcript) -> captions.TranscriptDocument:
    """Needs ``recording``; reads all segments."""
    recording = transcript.recording
    segments = transcripts.to_segments(transcript.segments.in_order(), speakers=names_of(transcript))
    starts, ends = edits.times_by_hand(transcript)
    is_captioned = transcript.engine == IMPORT_ENGINE
    return captions.TranscriptDocument(
        title=recording.title,
        language=transcript.language,
        duration=recording.duration or transcript.position,
        segments=tuple(replace(each, is_placed=each.start in starts or each.end in ends) for each in segments),
        created=transcript.created_at,
        recorded=timezone.localdate(recording.created_at),
        model=transcript.model,
        engine=transcript.engine,
        is_captioned=is_captioned,
        written="en" if transcript.task == Task.TRANSLATE else "",
        corrected=edits.corrected(transcript) if is_captioned else frozenset(),
    )


def file_name(*, title: str, extension: str) -> str:
    """A file's name as ``file_stem`` makes it, with its ending."""
    return f"{file_stem(title)}.{extension}"


def file_stem(title: str) -> str:
    """A name that every system can store and every header can hold, as like the title as that allows.

    No path, no name that Windows keeps for devices, no hidden file, nothing invisible that turns the letters around.
    """
    line = " ".join(_INVISIBLE.sub(" ", title).split())
    name = str(sanitize_filename(line, replacement_text="-", platform="universal", max_len=1000)).strip(" .-~")
    while len(name.encode()) > LONGEST_NAME:
        name = "".join(regex.findall(r"\X", name)[:-1]).strip(" .-~")
    return name or "Transcript"
