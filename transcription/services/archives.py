"""Many files as one ZIP, made piece by piece: memory holds one transcript, however many there are."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from unicodedata import normalize
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext

from transcription.errors import CannotExport
from transcription.models import Recording
from transcription.services import exports, transcripts


class Names:
    """Names for files of one folder: safe on every system, and none twice, in whatever case or form of Unicode."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def name(self, title: str, *, ending: str = "") -> str:
        """``title`` as somebody typed it; ``ending`` is of our making."""
        stem = exports.file_stem(title)
        name, number = f"{stem}{ending}", 1
        while _alike(name) in self._taken:
            number += 1
            name = f"{stem} ({number}){ending}"
        self._taken.add(_alike(name))
        return name


def _alike(name: str) -> str:
    """The same for names that some system takes for one."""
    return normalize("NFC", normalize("NFC", name).casefold())


class _Outlet:
    """What ``zipfile`` writes to: it cannot seek, so that sizes follow each file's bytes."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    close = flush

    def take(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def zipped(entries: Iterable[tuple[str, bytes, datetime]]) -> Iterator[bytes]:
    """The bytes of an archive of these files: name, content, time."""
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content, moment in entries:
            archive.writestr(entry(name, moment, zipfile.ZIP_DEFLATED), content)
            yield outlet.take()
    yield outlet.take()


def entry(name: str, moment: datetime, compression: int) -> zipfile.ZipInfo:
    """Its time in the server's zone, as ZIP knows none; nobody but its owner reads the unpacked file."""
    local = timezone.localtime(moment)
    info = zipfile.ZipInfo(name, (max(local.year, 1980), *local.timetuple()[1:6]))
    info.compress_type = compression
    info.external_attr = 0o600 << 16
    return info


def transcripts_archive(*, recording_ids: Iterable[UUID], format: str) -> Iterator[bytes]:
    """An archive of the shown transcript of each. What is not in it is named, with the reason, in a file of its own.

    Whoever calls has seen that they may be read. Raises ``UnknownFormat`` when the first piece is asked for.
    """
    return zipped(_transcripts(recording_ids, format))


def _transcripts(recording_ids: Iterable[UUID], format: str) -> Iterator[tuple[str, bytes, datetime]]:
    names, left_out = Names(), []
    for recording_id in recording_ids:
        recording = Recording.objects.kept().filter(pk=recording_id).first()
        transcript = transcripts.newest_transcript(recording=recording) if recording else None
        if recording is None or transcript is None:
            left_out.append(f"{recording.title if recording else recording_id}: " + gettext("There is no transcript."))
            continue
        transcript.recording = recording
        try:
            exported = exports.export_transcript(transcript=transcript, format=format)
        except CannotExport as error:
            left_out.append(f"{recording.title}: {error.message}")
            continue
        yield names.name(recording.title, ending=f".{exported.extension}"), exported.content, recording.created_at
    if left_out:
        said = "\n".join((gettext("These recordings are not in this archive:"), *left_out, ""))
        yield names.name("_ " + gettext("Left out"), ending=".txt"), said.encode(), timezone.now()
