"""A media file as a stream of samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import ffmpeg
import numpy as np
from numpy.typing import NDArray

from transcription.speech.audio import au
from transcription.speech.audio.media import Description, MediaInfo
from transcription.speech.audio.mixing import Mixer
from transcription.speech.audio.sandbox import INPUT, Limits, Sandbox, open_source
from transcription.speech.audio.tracks import FIRST_TRACK, failure, timeline
from transcription.speech.errors import MediaTooLong
from transcription.speech.types import SAMPLE_RATE, Samples


class Decoder(Iterator[Samples]):
    """Blocks of float32 mono samples at 16 kHz, decoded as they are asked for.

    ``position``: seconds of the recording read so far. ``info``: known from the first block on. ``truncated``: known at
    the end; the file stopped early or parts of it could not be read. Iterating raises ``EmptyMedia``, ``NoAudioTrack``,
    ``MediaTooLong``, ``MediaError`` or ``DecoderFailed``. A file that breaks off after some sound just ends.
    FFmpeg runs from the first block to the end, ``close`` or the end of the thread that asked for the first block.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        start: float,
        limits: Limits,
        block_seconds: float,
        observe: Callable[[Samples], None] | None,
    ) -> None:
        self.position = 0.0
        self.truncated = False
        self.info: MediaInfo | None = None
        self._path = path
        self._limits = limits
        self._block = round(block_seconds * SAMPLE_RATE)
        self._skip = round(start * SAMPLE_RATE)
        self._observe = observe
        self._track: _Track | None = None
        self._closed = False

    def __next__(self) -> Samples:
        if self._closed:
            raise StopIteration
        try:
            while not len(wanted := self._next_wanted()):
                pass
        except BaseException:  # the end as well
            self.close()
            raise
        return wanted

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Kill FFmpeg if it still runs. There are no further blocks."""
        self._closed = True
        if self._track:
            self._track.sandbox.close()
            self._track = None

    def _next_wanted(self) -> Samples:
        """The part of the next block that lies behind ``start``."""
        track = self._track = self._track or _Track(self._path, self._limits)
        block = track.read(self._block)
        if not len(block):
            self.truncated = track.end()
            raise StopIteration
        self.info = self.info or track.info(self._limits)
        if self._observe:
            self._observe(block)
        self.position = track.decoded / SAMPLE_RATE
        return block[max(0, self._skip - (track.decoded - len(block))) :]


class _Track:
    """The sound track of a file while FFmpeg decodes it."""

    def __init__(self, path: Path | str, limits: Limits) -> None:
        self.decoded = 0
        self._description = Description()
        self.sandbox = Sandbox(open_source(path), limits=limits, build=_command, observe=self._description.see)
        try:
            self._channels = _read_header(self.sandbox)
        except BaseException:
            self.sandbox.close()
            raise
        self._mixer = Mixer(self._channels)

    def read(self, count: int) -> Samples:
        """The next ``count`` samples, fewer at the end. Raises ``MediaTooLong``."""
        block = np.clip(self._mixer.mix(_read_frames(self.sandbox, count, self._channels)), -1, 1)
        self.decoded += len(block)
        self.sandbox.delivered(self.decoded / SAMPLE_RATE)
        if self.decoded / SAMPLE_RATE > self.sandbox.limits.max_seconds:
            raise MediaTooLong
        return block

    def info(self, limits: Limits) -> MediaInfo:
        """Raises ``MediaTooLong`` when the file declares to be."""
        info = self._description.info(self._channels)
        if not info.duration_estimated and (info.duration or 0) > limits.max_seconds:
            raise MediaTooLong
        return info

    def end(self) -> bool:
        """Whether the file breaks off. Raises what there is to say when no sound came, or the machine failed."""
        status = self.sandbox.finish()
        if not self.decoded or self.sandbox.ran_out(status):
            raise failure(self.sandbox, status, self._description)
        return _breaks_off(status, self._description, self.decoded / SAMPLE_RATE)


def decode(
    path: Path | str,
    *,
    limits: Limits,
    start: float = 0.0,
    block_seconds: float = 1.0,
    observe: Callable[[Samples], None] | None = None,
) -> Decoder:
    """Decode the first sound track of ``path`` from ``start`` seconds on; see ``Decoder``.

    The sound before ``start`` is decoded and dropped, which is sample-exact in every format. ``observe`` is given every
    block, dropped ones included, for what must cover the whole recording (``Peaks``).
    """
    return Decoder(path, start=start, limits=limits, block_seconds=block_seconds, observe=observe)


def probe(path: Path | str, *, limits: Limits) -> MediaInfo:
    """Say what a file is, having decoded its first second. Raises what iterating a ``Decoder`` raises."""
    with decode(path, limits=limits) as decoder:
        next(decoder)
    assert decoder.info
    return decoder.info


def _command(cmd: list[str]) -> list[str]:
    """Decode and resample only: channels come as they are, in an AU stream, whose header counts them."""
    output = ffmpeg.input("fd:", **INPUT).output(
        "pipe:1", map=FIRST_TRACK, af=timeline(SAMPLE_RATE), acodec="pcm_f32be", f="au", max_error_rate=1, threads=1
    )
    return list(ffmpeg.compile(output, cmd=cmd))


def _read_header(sandbox: Sandbox) -> int:
    """The number of channels; 1 when there is no stream, whose frames will then be missing as well."""
    header = sandbox.read(au.HEADER)
    if len(header) < au.HEADER:
        return 1
    size, channels = au.parse_header(header)
    sandbox.read(size - au.HEADER)
    return channels


def _read_frames(sandbox: Sandbox, count: int, channels: int) -> NDArray[np.float32]:
    """(samples, channels), at most ``count`` samples, none at the end."""
    return au.to_frames(sandbox.read(count * au.WIDTH * channels), channels)


def _breaks_off(status: int, description: Description, position: float) -> bool:
    """Whether sound is missing at the end: FFmpeg says so, or there is less than the file declares.

    A video declares the length of its longest stream, and an estimate is no declaration.
    """
    if status or description.cut_off:
        return True
    declared = None if description.estimated or description.video else description.duration
    return declared is not None and position < declared - max(1.0, 0.02 * declared)
