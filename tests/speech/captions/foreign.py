"""A second opinion on caption files: how FFmpeg reads them."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from pathlib import Path

import srt

from transcription.speech.audio import ffmpeg_program
from transcription.speech.captions import Exported


def read_with_ffmpeg(exported: Exported, folder: Path) -> list[tuple[float, float, str]]:
    """Start, end and text of each caption, as FFmpeg's own reader gives them, written as SubRip by FFmpeg's writer."""
    source, target = folder / f"captions.{exported.extension}", folder / "read.srt"
    source.write_bytes(exported.content)
    command = [ffmpeg_program(), "-nostdin", "-v", "error", "-xerror", "-y", "-i", source, "-f", "srt", target]
    done = subprocess.run([str(part) for part in command], check=True, capture_output=True, timeout=60)
    assert done.stderr == b""
    second = timedelta(seconds=1)
    return [
        (subtitle.start / second, subtitle.end / second, subtitle.content) for subtitle in srt.parse(target.read_text())
    ]
