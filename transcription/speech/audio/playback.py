"""A copy that browsers play, for recordings they can not (AMR, WMA, AVI ...) or can not seek in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import ffmpeg

from transcription.speech.audio.media import Description
from transcription.speech.audio.sandbox import INPUT, Limits, Sandbox, open_source
from transcription.speech.audio.tracks import FIRST_TRACK, failure, timeline

PLAYBACK_TYPE = "audio/mpeg"
BYTES_PER_SECOND = 12_000  # 96 kbit/s: 43 MB an hour
PIECE = 1 << 18


def encode_playback(path: Path | str, *, limits: Limits) -> Iterator[bytes]:
    """The first sound track as MP3, in pieces; on the same timeline as ``decode``, so that words are where it plays.

    A constant bit rate makes seeking exact without an index, and playable everywhere. Raises like ``Decoder``; stops at
    ``limits.max_seconds``. Closing the generator kills FFmpeg.
    """
    description = Description()
    sandbox = Sandbox(open_source(path), limits=limits, build=_command, observe=description.see)
    most, done = limits.max_seconds * BYTES_PER_SECOND, 0
    try:
        while done < most and (piece := sandbox.read(PIECE)):
            done += len(piece)
            sandbox.delivered(done / BYTES_PER_SECOND)
            yield piece
        if done < most:
            status = sandbox.finish()
            if not done or sandbox.ran_out(status):
                raise failure(sandbox, status, description)
    finally:
        sandbox.close()


def _command(cmd: list[str]) -> list[str]:
    output = ffmpeg.input("fd:", **INPUT).output(
        "pipe:1",
        map=FIRST_TRACK,
        map_metadata=-1,
        af=timeline(44_100),
        ac=2,
        acodec="libmp3lame",
        audio_bitrate=BYTES_PER_SECOND * 8,
        f="mp3",
        write_xing=0,
        id3v2_version=0,
        max_error_rate=1,
        threads=1,
    )
    return list(ffmpeg.compile(output, cmd=cmd))
