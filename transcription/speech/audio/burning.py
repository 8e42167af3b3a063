"""A video with captions drawn into its pictures; where a recording has none, over a plain background."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import ffmpeg

from transcription.speech.audio.media import Description
from transcription.speech.audio.sandbox import INPUT, PROGRESS, Limits, Sandbox, open_source
from transcription.speech.audio.tracks import FIRST_TRACK, failure, timeline
from transcription.speech.errors import Cancelled, MediaError

VIDEO_TYPE = "video/mp4"
LARGEST_SIDE = 1920
"""Pictures that are larger are made smaller: captions need no more, and a machine without a GPU has to encode them."""
PLAIN = (1280, 720)
PLAIN_COLOUR = "0x171614"
PLAIN_RATE = 10
"""Pictures a second where only captions change."""
_FIRST_VIDEO = "V:0"  # not a cover
_SIZE = re.compile(r"\[info\]   Stream #0:0(?:\[\w+\])?(?:\([^)]*\))?: Video: wrapped_avframe.*?, (\d+)x(\d+)")


@dataclass(frozen=True, slots=True)
class Overlay:
    """An ASS script in a file, and the folder of the fonts that it names. FFmpeg opens both by names that are ours."""

    script: Path
    fonts: Path


def picture_size(path: Path | str, *, limits: Limits) -> tuple[int, int]:
    """Width and height of the video that ``burn_captions`` makes, upright. Raises ``MediaError`` without pictures."""
    found: list[tuple[int, int]] = []

    def see(line: str) -> None:
        if match := _SIZE.match(line):
            found.append((int(match[1]), int(match[2])))

    def build(cmd: list[str]) -> list[str]:
        picture = _fitted(ffmpeg.input("fd:", **INPUT)[_FIRST_VIDEO])
        return list(ffmpeg.compile(ffmpeg.output(picture, "pipe:1", f="null", vframes=1), cmd=cmd))

    sandbox = Sandbox(open_source(path), limits=limits, build=build, observe=see)
    try:
        status = sandbox.finish()
    finally:
        sandbox.close()
    if not found:
        raise MediaError(detail=f"no picture, exit status {status}: {sandbox.log.tail()}")
    return found[0]


def burn_captions(
    path: Path | str,
    sink: int,
    overlay: Overlay,
    *,
    has_video: bool,
    duration: float | None,
    limits: Limits,
    progress: Callable[[float], None],
    should_stop: Callable[[], bool],
) -> None:
    """Write an MP4 (H.264, AAC) to the open file ``sink``, on the timeline that words have.

    ``duration`` is the recording's in seconds, where it is known: a plain picture ends with it. ``progress`` is told
    the seconds that are done, about twice a second, and ``should_stop`` asked as often. Raises ``Cancelled`` when it
    says so, and else like ``Decoder``.
    """
    description, done = Description(), 0.0

    def see(line: str) -> None:
        nonlocal done
        description.see(line)
        match = PROGRESS.fullmatch(line)
        if match and match[1] == "out_time_us" and match[2].isdigit():
            done = int(match[2]) / 1e6

    def build(cmd: list[str]) -> list[str]:
        longest = limits.max_seconds if has_video or duration is None else min(duration, limits.max_seconds)
        return _command(cmd, overlay, has_video=has_video, longest=longest)

    sandbox = Sandbox(open_source(path), limits=limits, build=build, observe=see, sink=sink)
    try:
        for _ in sandbox.watch():
            if should_stop():
                raise Cancelled
            sandbox.delivered(done)
            progress(done)
        status = sandbox.finish()
        if status or not done:
            raise failure(sandbox, status, description)
    finally:
        sandbox.close()


def _fitted(picture: ffmpeg.Stream) -> ffmpeg.Stream:
    """Upright with square pixels, within ``LARGEST_SIDE``, with sides that the encoder can halve."""
    square = picture.filter("scale", w="iw*sar", h="ih").filter("setsar", "1")
    largest = str(LARGEST_SIDE)
    return square.filter(
        "scale",
        w=f"min({largest},iw)",
        h=f"min({largest},ih)",
        force_original_aspect_ratio="decrease",
        force_divisible_by=2,
    )


def _command(cmd: list[str], overlay: Overlay, *, has_video: bool, longest: float) -> list[str]:
    source = ffmpeg.input("fd:", **INPUT)
    if has_video:
        picture = _fitted(source[_FIRST_VIDEO])
    else:
        size = "x".join(map(str, PLAIN))
        picture = ffmpeg.input(f"color=c={PLAIN_COLOUR}:s={size}:r={PLAIN_RATE}", f="lavfi")
    drawn = picture.filter("ass", filename=str(overlay.script), fontsdir=str(overlay.fonts)).filter("format", "yuv420p")
    output = ffmpeg.output(
        drawn,
        source[FIRST_TRACK.removeprefix("0:")],
        "fd:",
        f="mp4",
        vcodec="libx264",
        preset="veryfast",
        crf=23,
        acodec="aac",
        audio_bitrate=160_000,
        ac=2,
        af=timeline(44_100),
        map_metadata=-1,
        map_chapters=-1,
        max_error_rate=1,
        threads=2,
        t=longest,
        shortest=None,
        progress="pipe:2",
    )
    return list(ffmpeg.compile(output, cmd=cmd, overwrite_output=True))
