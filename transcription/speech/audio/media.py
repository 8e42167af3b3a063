"""What a file is: read from FFmpeg's own description of it, never from its name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

INPUT = re.compile(r"\[info\] Input #0, (\S+), from ")
DURATION = re.compile(r"\[info\]   Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)")
STREAM = re.compile(r"\[info\]   Stream #0:\d+(?:\[\w+\])?(?:\([^)]*\))?: (Audio|Video): (\w+)(.*)")
RATE = re.compile(r", (\d+) Hz, ")
CUT_OFF = ("[warning] Packet corrupt (stream", "partial file", "File ended prematurely")
"""What FFmpeg says of a file that ends in the middle of something; other complaints also come from whole files."""


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """A recording's outside. ``duration`` is in seconds, None when the file does not say."""

    container: str
    """FFmpeg's name(s) of the format, for example "mov,mp4,m4a,3gp,3g2,mj2"."""
    duration: float | None
    duration_estimated: bool
    """The duration follows from size and bit rate only, and may be far off."""
    audio_streams: int
    codec: str
    channels: int
    sample_rate: int
    video: bool
    """Moving pictures; a cover picture does not count."""
    video_codec: str = ""

    @property
    def media_type(self) -> str:
        """The type to serve this file as: from a fixed table, so that nothing a user says reaches a header."""
        kind = "video" if self.video else "audio"
        container = self.container.split(",")[0]
        if container == "matroska" and self._is_webm():
            return f"{kind}/webm"
        return f"{kind}/{SUBTYPES[container]}" if container in SUBTYPES else "application/octet-stream"

    @property
    def playable(self) -> bool:
        """Whether every current browser plays this file and finds the moment it is asked to seek to.

        A length that is missing or estimated means seeking by guess (raw AAC, WebM straight from a recorder).
        """
        container = self.container.split(",")[0]
        known = self.duration is not None and not self.duration_estimated
        return known and self.codec in PLAYABLE.get(container, ()) and self.video_codec in PLAYABLE_VIDEO

    def _is_webm(self) -> bool:
        return self.codec in {"opus", "vorbis"} and self.video_codec in {"", "vp8", "vp9", "av1"}


SUBTYPES = {
    "aac": "aac", "ac3": "ac3", "aiff": "aiff", "amr": "amr", "asf": "x-ms-asf", "au": "basic",
    "avi": "x-msvideo", "caf": "x-caf", "eac3": "eac3", "flac": "flac", "flv": "x-flv",
    "matroska": "x-matroska", "mov": "mp4", "mp3": "mpeg", "mpeg": "mpeg", "mpegts": "mp2t", "ogg": "ogg",
    "w64": "x-w64", "wav": "wav", "wv": "x-wavpack",
}  # fmt: skip
"""Container to media subtype (IANA where registered). QuickTime is served as MP4, which every browser tries."""

PLAYABLE = {
    "flac": ("flac",),
    "matroska": ("opus", "vorbis"),
    "mov": ("aac", "mp3"),
    "mp3": ("mp3",),
    "ogg": ("opus", "vorbis"),
    "wav": ("pcm_u8", "pcm_s16le"),
}
PLAYABLE_VIDEO = ("", "h264", "vp8", "vp9", "av1")


@dataclass(slots=True)
class Description:
    """Collects FFmpeg's description line by line (``see``). Indented metadata lines can not pass for it."""

    container: str = ""
    duration: float | None = None
    estimated: bool = False
    audio: list[tuple[str, int]] = field(default_factory=list)
    video: list[str] = field(default_factory=list)
    cut_off: bool = False
    endless: bool = False
    """A WAV file written to a pipe: its size field is a placeholder, so its last packet always looks cut."""
    complete: bool = False

    def see(self, line: str) -> None:
        if "[warning] Estimating duration from bitrate" in line:
            self.estimated = True
        if "Ignoring maximum wav data size" in line:
            self.endless = True
        if any(sign in line for sign in CUT_OFF) and not self.endless:
            self.cut_off = True
        if self.complete or not line.startswith("[info] "):
            return
        if line.startswith(("[info] Stream mapping:", "[info] Output #")):
            self.complete = True  # what follows describes our own output
        elif match := INPUT.match(line):
            self.container = match[1]
        elif match := DURATION.match(line):
            self.duration = int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3])
        elif match := STREAM.match(line):
            self._see_stream(*match.groups())

    def _see_stream(self, kind: str, codec: str, rest: str) -> None:
        if kind == "Audio":
            rate = RATE.search(rest)
            self.audio.append((codec, int(rate[1]) if rate else 0))
        elif "(attached pic)" not in rest:
            self.video.append(codec)

    def info(self, channels: int) -> MediaInfo:
        codec, rate = self.audio[0] if self.audio else ("", 0)
        return MediaInfo(
            container=self.container,
            duration=self.duration,
            duration_estimated=self.estimated,
            audio_streams=len(self.audio),
            codec=codec,
            channels=channels,
            sample_rate=rate,
            video=bool(self.video),
            video_codec=self.video[0] if self.video else "",
        )
