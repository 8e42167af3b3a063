"""A media file as a stream of samples."""

from __future__ import annotations

import struct
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import ffmpeg
import numpy as np
from numpy.typing import NDArray

from transcription.speech.audio.media import Description, MediaInfo
from transcription.speech.audio.mixing import Mixer
from transcription.speech.audio.sandbox import INPUT, Limits, Sandbox, open_source
from transcription.speech.errors import (
    DecoderFailed,
    EmptyMedia,
    MediaError,
    MediaTooLong,
    NoAudioTrack,
    SpeechError,
)
from transcription.speech.types import SAMPLE_RATE, Samples

LONGEST_GAP = 120
TIMELINE = (
    f"asetpts='st(2,PTS*TB*SR-N-ld(1)-ld(0));"
    f"if(gt(abs(ld(2)),{LONGEST_GAP}*SR),st(1,ld(1)+ld(2)),st(0,ld(0)+max(0,ld(2))));"
    f"(N+ld(0))/SR/TB',aresample={SAMPLE_RATE}:async=1:first_pts=0"
)
"""Keep the file's own timeline, so that a word is heard where the player seeks: missing packets and a late start of the
sound become silence (async=1). Sound is never dropped to catch up: timestamps that go back (recordings joined with
``cat``) or leap more than two minutes (the resampler would hold that silence in memory) are read as continuing."""

AU_HEADER = 24
AU_FLOAT = 6


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
        self._limits = limits
        self._block = round(block_seconds * SAMPLE_RATE)
        self._skip = round(start * SAMPLE_RATE)
        self._observe = observe
        self._blocks = self._run(path)

    def __next__(self) -> Samples:
        return next(self._blocks)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._blocks.close()

    def _run(self, path: Path | str) -> Generator[Samples, None, None]:
        description = Description()
        sandbox = Sandbox(open_source(path), limits=self._limits, build=_command, observe=description.see)
        try:
            yield from self._decode(sandbox, description)
        finally:
            sandbox.close()

    def _decode(self, sandbox: Sandbox, description: Description) -> Iterator[Samples]:
        channels = _read_header(sandbox)
        mixer, decoded = Mixer(channels), 0
        while len(frames := _read_frames(sandbox, self._block, channels)):
            self._admit(decoded + len(frames), description, channels)
            block = np.clip(mixer.mix(frames), -1, 1)
            if self._observe:
                self._observe(block)
            wanted = block[max(0, self._skip - decoded) :]
            decoded += len(block)
            self.position = decoded / SAMPLE_RATE
            sandbox.delivered(self.position)
            if len(wanted):
                yield wanted
        status = sandbox.finish()
        if not decoded or sandbox.ran_out(status):
            raise _failure(sandbox, status, description)
        self.truncated = _breaks_off(status, description, self.position)

    def _admit(self, decoded: int, description: Description, channels: int) -> None:
        if self.info is None:
            self.info = description.info(channels)
            declared = 0 if self.info.duration_estimated else self.info.duration or 0
        else:
            declared = 0
        if max(declared, decoded / SAMPLE_RATE) > self._limits.max_seconds:
            raise MediaTooLong


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
        "pipe:1", map="0:a:0", af=TIMELINE, acodec="pcm_f32be", f="au", max_error_rate=1, threads=1
    )
    return list(ffmpeg.compile(output, cmd=cmd))


def _read_header(sandbox: Sandbox) -> int:
    """The number of channels; 1 when there is no stream, whose frames will then be missing as well."""
    header = sandbox.read(AU_HEADER)
    if len(header) < AU_HEADER:
        return 1
    magic, offset, _, encoding, rate, channels = struct.unpack(">4sIIIII", header)
    if (magic, encoding, rate) != (b".snd", AU_FLOAT, SAMPLE_RATE) or not channels:
        raise DecoderFailed(detail=f"unexpected AU header {header!r}")
    sandbox.read(offset - AU_HEADER)
    return int(channels)


def _read_frames(sandbox: Sandbox, count: int, channels: int) -> NDArray[np.float32]:
    """(samples, channels), at most ``count`` samples, none at the end; within [-1, 1] even if a float file is not."""
    frame = 4 * channels
    data = sandbox.read(count * frame)
    frames = np.frombuffer(data, ">f4", count=len(data) // 4).astype(np.float32)
    frames = frames[: len(data) // frame * channels].reshape(-1, channels)
    return np.clip(np.nan_to_num(frames, copy=False), -1, 1)


def _breaks_off(status: int, description: Description, position: float) -> bool:
    """Whether sound is missing at the end. FFmpeg's complaints alone do not tell: some harmless files raise them.

    A declared duration does, but a video's is that of its longest stream, and an estimate is no declaration.
    """
    declared = None if description.estimated or description.video else description.duration
    if declared is None:
        return status != 0 or description.damaged
    return status != 0 or position < declared - max(1.0, 0.02 * declared)


def _failure(sandbox: Sandbox, status: int, description: Description) -> SpeechError:
    detail = f"exit status {status}: {sandbox.log.tail()}"
    if sandbox.ran_out(status):
        return DecoderFailed(detail=detail)
    if description.container and not description.audio:
        return NoAudioTrack(detail=detail)
    if description.container and status == 0:
        return EmptyMedia(detail=detail)
    return MediaError(detail=detail)
