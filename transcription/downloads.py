"""Answers that are files: the media of a recording, in pieces for a player or whole, exports of transcripts, and copies
of all own data."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from asgiref.sync import sync_to_async
from django.core.files import File
from django.db import connection
from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import content_disposition_header, http_date
from django.utils.translation import gettext

from transcription.errors import BadRequest
from transcription.models import CaptionedVideo, DataExport, Recording, Transcript
from transcription.services import archives, exports
from transcription.speech.audio import PLAYBACK_TYPE, VIDEO_TYPE

RANGE_LIMIT = 2**20
"""Bytes in one answer to a request with Range; players ask for the next themselves."""
PIECE = 2**18
"""Bytes read at a time for an answer without Range; the server waits for the client between them."""
CACHE_SECONDS = 3600
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class Version(NamedTuple):
    """The file as it is now. Media never change, but a restored backup may bring an older file back."""

    file: FieldFile
    media_type: str
    size: int
    etag: str
    modified: datetime

    @property
    def last_modified(self) -> str:
        return http_date(self.modified.timestamp())


class UnsatisfiableRangeError(ValueError):
    """The range begins after the last byte."""


def answer_with_media(request: HttpRequest, recording: Recording, *, download: bool) -> HttpResponseBase:
    """206 with at most ``RANGE_LIMIT`` bytes for a Range, else 200 with all of it, read while the client takes it.

    What the content is was decided when it arrived; only sound and pictures are shown in place, and nothing runs. The
    player gets the copy made for it where there is one, a download the file as it came. Raises Http404.
    """
    if not recording.media:
        raise Http404("This recording has no file.")
    file, media_type = recording.media, recording.media_type
    if recording.playback and not download:
        file, media_type = recording.playback, PLAYBACK_TYPE
    return _answer_with_file(request, file, media_type, name=recording.download_name, download=download)


def answer_with_captioned_video(request: HttpRequest, video: CaptionedVideo) -> HttpResponseBase:
    """Its file, to be kept; ``Range`` as for media. Needs ``recording``. Raises Http404."""
    if not video.file:
        raise Http404("There is no such video yet.")
    name = exports.file_name(title=video.recording.title, extension="mp4")
    return _answer_with_file(request, video.file, VIDEO_TYPE, name=name, download=True)


def _answer_with_file(
    request: HttpRequest, file: FieldFile, media_type: str, *, name: str, download: bool
) -> HttpResponseBase:
    release_connection()
    try:
        version = _version(file, media_type)
        response = _not_modified(request, version) or _answer(request, version, limit=RANGE_LIMIT)
    except FileNotFoundError as error:
        raise Http404("The file of this recording is missing.") from error
    return _with_headers(response, version, name=name, download=download)


def answer_with_data_export(request: HttpRequest, export: DataExport) -> HttpResponseBase:
    """206 with all that is left for a Range, so that a download that broke goes on; else 200. Raises Http404."""
    if not export.file:
        raise Http404("This copy is not ready, or no longer kept.")
    release_connection()
    try:
        version = _version(export.file, "application/zip")
        response = _not_modified(request, version) or _answer(request, version, limit=None)
    except FileNotFoundError as error:
        raise Http404("The file of this copy is missing.") from error
    name = f"scripta-data-{export.created_at:%Y-%m-%d}.zip"
    response["Content-Type"] = version.media_type
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return _with_validators(response, version)


def answer_with_archive(recording_ids: list[UUID], *, format: str) -> HttpResponseBase:
    """The shown transcripts of these recordings as one ZIP, written while the client takes it."""
    pieces = archives.transcripts_archive(recording_ids=recording_ids, format=format)
    response = StreamingHttpResponse(_in_threads(pieces), content_type="application/zip")
    response["Content-Disposition"] = 'attachment; filename="transcripts.zip"'
    response["Cache-Control"] = "private, no-store"
    return response


async def _in_threads(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """One after the other, each with a connection of its own: a slow client must not hold one."""

    def take() -> bytes | None:
        try:
            return next(pieces, None)
        finally:
            release_connection()

    while (piece := await sync_to_async(take)()) is not None:
        yield piece


def answer_with_export(
    transcript: Transcript, *, format: str, times: bool | None = None, speakers: bool | None = None
) -> HttpResponse:
    """The transcript as a file to be kept. Raises as ``exports.export_transcript`` does."""
    exported = exports.export_transcript(transcript=transcript, format=format, times=times, speakers=speakers)
    response = HttpResponse(exported.content, content_type=exported.media_type)
    name = exports.file_name(title=transcript.recording.title, extension=exported.extension)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


def choice(query: Mapping[str, str], name: str) -> bool | None:
    """``true`` or ``false`` of an address's query; None where it is silent. Raises BadRequest."""
    value = query.get(name)
    if value not in {None, "true", "false"}:
        raise BadRequest(gettext("“%(name)s” must be true or false.") % {"name": name})
    return None if value is None else value == "true"


def release_connection() -> None:
    """No query follows, and a slow client may take hours."""
    if not connection.in_atomic_block:  # a test's
        connection.close_if_unusable_or_obsolete()


def _version(file: FieldFile, media_type: str) -> Version:
    size, modified = file.size, file.storage.get_modified_time(str(file.name))
    etag = f'"{file.instance.pk.hex}-{size:x}-{int(modified.timestamp() * 1000):x}"'
    return Version(file, media_type, size, etag, modified)


def _not_modified(request: HttpRequest, version: Version) -> HttpResponse | None:
    """304 or 412 where the request's conditions say so."""
    answer: HttpResponse | None = get_conditional_response(request, version.etag, int(version.modified.timestamp()))
    return answer


def _answer(request: HttpRequest, version: Version, *, limit: int | None) -> HttpResponseBase:
    """``limit``: bytes in one answer to a Range; None: all that were asked for."""
    try:
        wanted = _wanted_range(request, version)
    except UnsatisfiableRangeError:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{version.size}"})
    if wanted:
        first, end = wanted
        end = min(end, first + limit) if limit is not None else end
        headers = {"Content-Range": f"bytes {first}-{end - 1}/{version.size}", "Content-Length": str(end - first)}
        file = version.file.open("rb")
        file.seek(first)
        if limit is None:
            return StreamingHttpResponse(_pieces(file, end - first), status=206, headers=headers)
        with file:
            return HttpResponse(file.read(end - first), status=206, headers=headers)
    length = {"Content-Length": str(version.size)}
    if request.method == "HEAD":
        return HttpResponse(headers=length)
    return StreamingHttpResponse(_pieces(version.file.open("rb"), version.size), headers=length)


async def _pieces(file: File[bytes], count: int) -> AsyncIterator[bytes]:
    """``count`` bytes, read in a thread: a slow disk holds up nobody else. Closed also when the client hangs up."""
    with file:
        while count and (piece := await sync_to_async(file.read)(min(PIECE, count))):
            count -= len(piece)
            yield piece


def _wanted_range(request: HttpRequest, version: Version) -> tuple[int, int] | None:
    """First byte and the one after the last, or None for the whole file (RFC 9110, 14.2: what is not understood, and
    several ranges at once, may be ignored). Raises UnsatisfiableRangeError."""
    match = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    condition = request.headers.get("If-Range")
    if request.method != "GET" or match is None or condition not in {None, version.etag, version.last_modified}:
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    if first and last and int(first) > int(last):
        return None
    begin = int(first) if first else max(version.size - int(last), 0)
    end = min(int(last) + 1, version.size) if first and last else version.size
    if begin >= version.size:
        raise UnsatisfiableRangeError
    return begin, end


def _with_headers(response: HttpResponseBase, version: Version, *, name: str, download: bool) -> HttpResponseBase:
    playable = version.media_type.startswith(("audio/", "video/"))
    response["Content-Type"] = version.media_type if playable else "application/octet-stream"
    attachment = download or not playable
    response["Content-Disposition"] = content_disposition_header(attachment, name) or "attachment"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    patch_cache_control(response, private=True, max_age=CACHE_SECONDS)
    return _with_validators(response, version)


def _with_validators(response: HttpResponseBase, version: Version) -> HttpResponseBase:
    response["X-Content-Type-Options"] = "nosniff"
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = version.etag
    response["Last-Modified"] = version.last_modified
    return response
