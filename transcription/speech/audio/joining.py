"""Stored pieces of live sound as one file that players can seek in: FLAC for samples, Ogg for what came encoded.

Nothing is lost either way. PyAV only encodes here, from samples that are ours: what a user sent as a container is read
in the sandbox.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import ffmpeg
import numpy as np
from numpy.typing import NDArray

from transcription.speech.audio.media import Description
from transcription.speech.audio.pcm import PCM_F32LE, PCM_S16LE, bytes_per_sample, to_integers, to_samples
from transcription.speech.audio.sandbox import INPUT, Limits, Sandbox, open_source
from transcription.speech.audio.stream import StreamDecoder, open_stream, replay
from transcription.speech.audio.tracks import FIRST_TRACK, failure
from transcription.speech.errors import EmptyMedia, SpeechError
from transcription.speech.types import SAMPLE_RATE, Samples

LEAST_BYTES_PER_SECOND = 500
"""Opus at 4 kbit/s: the sandbox is told of progress in seconds."""
BLOCK = 1 << 16
"""Samples that are encoded at once."""
_INT24 = 2**23 - 1


def join_pcm(pieces: Iterable[bytes], encoding: str, sample_rate: int, target: Path) -> None:
    """One FLAC file at the sample rate of the pieces: 16 bits, or 24 for floating point. Memory stays bounded.

    Raises ``EmptyMedia``.
    """
    _encode((_to_integers(block, encoding) for block in _blocks(pieces, encoding)), sample_rate, target)


def join_container(pieces: Iterable[bytes], encoding: str, target: Path) -> None:
    """The sound of a WebM or Ogg stream as it was encoded, in Ogg: that has a length and can be sought in everywhere.

    What Ogg cannot hold, or what is damaged, becomes FLAC as far as it can be decoded, 16 kHz mono. Raises
    ``MediaError``, ``DecoderFailed``.
    """
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f"{target.name}-joining-") as stream:
        stream.writelines(pieces)
        stream.flush()
        try:
            _remux(Path(stream.name), target)
        except SpeechError:
            stream.seek(0)
            _transcode(iter(lambda: stream.read(BLOCK), b""), encoding, target)


def _remux(source: Path, target: Path) -> None:
    description = Description()
    sandbox = Sandbox(open_source(source), limits=Limits(), build=_command, observe=description.see)
    done = 0
    try:
        with target.open("wb") as file:
            while piece := sandbox.read(BLOCK):
                done += len(piece)
                sandbox.delivered(done / LEAST_BYTES_PER_SECOND)
                file.write(piece)
        status = sandbox.finish()
        if status or not done:
            raise failure(sandbox, status, description)
    finally:
        sandbox.close()


def _command(cmd: list[str]) -> list[str]:
    output = ffmpeg.input("fd:", **INPUT).output("pipe:1", map=FIRST_TRACK, map_metadata=-1, acodec="copy", f="ogg")
    return list(ffmpeg.compile(output, cmd=cmd))


def _transcode(pieces: Iterable[bytes], encoding: str, target: Path) -> None:
    decoder = open_stream(encoding, SAMPLE_RATE)
    try:
        _encode((_to_16_bits(block) for block in _decoded(decoder, pieces)), SAMPLE_RATE, target)
    finally:
        decoder.close()


def _decoded(decoder: StreamDecoder, pieces: Iterable[bytes]) -> Iterator[Samples]:
    yield from replay(decoder, pieces)
    yield decoder.finish()


def _blocks(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    width = bytes_per_sample(encoding)
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) >= BLOCK * width:
            yield bytes(waiting[: BLOCK * width])
            del waiting[: BLOCK * width]
    yield bytes(waiting[: len(waiting) // width * width])


def _to_integers(data: bytes, encoding: str) -> NDArray[np.int16] | NDArray[np.int32]:
    if encoding != PCM_F32LE:
        return to_integers(np.frombuffer(data, "<i2" if encoding == PCM_S16LE else "u1"), encoding)
    samples = to_samples(data, encoding).astype(np.float64)
    return np.left_shift(np.rint(samples * _INT24).astype(np.int32), 8)


def _to_16_bits(samples: Samples) -> NDArray[np.int16]:
    return np.rint(np.clip(samples, -1.0, 1.0) * 32767).astype(np.int16)


def _encode(blocks: Iterable[NDArray[np.int16] | NDArray[np.int32]], rate: int, target: Path) -> None:
    position = 0
    with av.open(str(target), "w", format="flac") as container:
        stream = container.add_stream("flac", rate=rate, layout="mono")
        for block in blocks:
            if not len(block):
                continue
            form = "s16" if block.dtype == np.int16 else "s32"
            if not position:
                stream.codec_context.format = form
            frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format=form, layout="mono")
            frame.sample_rate, frame.pts = rate, position
            position += len(block)
            container.mux(stream.encode(frame))
        if position:
            container.mux(stream.encode(None))
    if not position:
        raise EmptyMedia
