"""FFmpeg as a confined process: what it may read, how long it may take, how much it may use.

Uploads are hostile until shown otherwise. FFmpeg therefore receives an open file, not a name, and ``fd`` is the only
protocol it may open: a playlist (HLS, DASH, ffconcat), under whatever extension, can name neither another file nor an
address. The formats it may recognise are listed on top of that. The kernel limits are set by ``launcher``.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import resource
import select
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from transcription.speech.audio import launcher
from transcription.speech.errors import DecoderFailed, EmptyMedia, MediaError

FORMATS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,dts,eac3,flac,flv,loas,matroska,mov,mp3,mpc,mpc8,mpeg,mpegts,mxf,ogg,oma,"
    "qcp,rm,tta,voc,w64,wav,wv"
)
"""Demuxers that carry sound. Not here: playlists, pictures, subtitles, raw streams, devices, scripts."""

INPUT = {"protocol_whitelist": "fd", "format_whitelist": FORMATS, "threads": 1}
GLOBALS = ("-nostdin", "-hide_banner", "-nostats", "-loglevel", "level+info", "-filter_threads", "1")
LINE_BYTES = 4096
READ_BYTES = 1 << 18
PROGRESS = re.compile(r"(\w+)=\s*(\S*)")

OUT_OF_RESOURCES = {launcher.CANNOT_RUN, -signal.SIGKILL, -signal.SIGXCPU, 123, 256 - errno.ENOMEM, 256 - errno.EAGAIN}
"""Exit statuses; FFmpeg's own are the error number modulo 256, and 123 after several signals."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one recording may cost. The processor time grows with the sound delivered, so that it needs no guess."""

    max_seconds: float = 12 * 3600.0
    memory_bytes: int = 1 << 30
    """Address space; FFmpeg 9 needs 0.3 GiB to start, mostly stacks of threads."""
    stall_seconds: float = 30.0
    """The longest wait for the next piece of sound."""
    cpu_seconds: int = 30
    cpu_seconds_per_minute: float = 6.0
    """Ten times real time: a hundred times what common formats need."""
    file_bytes: int = 0
    """What it may write to a file that it is given."""

    def cpu_until(self, seconds: float) -> int:
        return self.cpu_seconds + int(seconds / 60 * self.cpu_seconds_per_minute)


def open_source(path: Path | str) -> int:
    """Open a regular file for FFmpeg; returns the descriptor. Raises ``EmptyMedia`` or ``MediaError``."""
    try:
        # O_NONBLOCK: a named pipe must not hang us before fstat can refuse it.
        source = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise MediaError(detail=f"cannot open: {error.strerror}") from error
    status = os.fstat(source)
    if stat.S_ISREG(status.st_mode) and status.st_size:
        return source
    os.close(source)
    if stat.S_ISREG(status.st_mode):
        raise EmptyMedia
    raise MediaError(detail="not a regular file")


def ffmpeg_program() -> str:
    """Path of the FFmpeg program of the wheel (or of ``IMAGEIO_FFMPEG_EXE``). Raises ``DecoderFailed``."""
    try:
        program = str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise DecoderFailed(detail="FFmpeg is not installed") from error
    return shutil.which(program) or program


class Log:
    """The newest lines of FFmpeg's standard error, in bounded memory; each complete line also goes to ``observe``.

    What it says of its progress (``-progress``) is only observed: it would push out what went wrong.
    """

    def __init__(self, observe: Callable[[str], None]) -> None:
        self.lines: deque[str] = deque(maxlen=40)
        self._observe = observe
        self._rest = b""

    def feed(self, data: bytes) -> None:
        *complete, rest = (self._rest + data).split(b"\n")
        for line in complete:
            self._take(line)
        # The beginning of an endless line is enough: it tells what the line is.
        self._rest = rest[:LINE_BYTES]

    def close(self) -> None:
        if self._rest:
            self._take(self._rest)
            self._rest = b""

    def _take(self, line: bytes) -> None:
        text = line[:LINE_BYTES].decode("utf-8", "replace").rstrip()
        if not PROGRESS.fullmatch(text):
            self.lines.append(text)
        self._observe(text)

    def __contains__(self, text: str) -> bool:
        return any(text in line for line in self.lines)

    def tail(self) -> str:
        return " | ".join(list(self.lines)[-5:])


class Sandbox:
    """A running FFmpeg that reads ``source`` (a descriptor, closed here) and writes to ``read``, or to ``sink``.

    ``build(cmd)`` completes the command, see ``ffmpeg.compile``. The process dies with the thread that made it.
    ``sink`` is the descriptor of a file, for formats that are written out of order; then ``watch`` takes the place of
    ``read``.
    """

    def __init__(
        self,
        source: int,
        *,
        limits: Limits,
        build: Callable[[list[str]], list[str]],
        observe: Callable[[str], None],
        sink: int | None = None,
    ) -> None:
        self.limits = limits
        self.log = Log(observe)
        cpu = (limits.cpu_until(0), limits.cpu_until(limits.max_seconds))
        fences = (os.getpid(), limits.memory_bytes, *cpu, limits.file_bytes)
        try:
            command = [sys.executable, "-I", "-S", launcher.__file__, *map(str, fences), ffmpeg_program(), *GLOBALS]
            self._process = subprocess.Popen(
                build(command),
                stdin=source,
                stdout=subprocess.PIPE if sink is None else sink,
                stderr=subprocess.PIPE,
                bufsize=0,
                process_group=0,  # a Ctrl-C at the terminal is for the worker, which may still finish
            )
        finally:
            os.close(source)
        assert self._process.stderr is not None
        self._out = self._process.stdout.fileno() if self._process.stdout else -1
        self._err = self._process.stderr.fileno()
        self._poll = select.poll()
        self._open = {self._out, self._err} - {-1}
        for descriptor in self._open:
            self._poll.register(descriptor, select.POLLIN)

    def read(self, size: int) -> bytes:
        """``size`` bytes, fewer at the end. Raises ``DecoderFailed`` when they do not come in time."""
        deadline = time.monotonic() + self.limits.stall_seconds
        pieces, missing = [], size
        while missing and self._out in self._open:
            pieces += self._receive(min(missing, READ_BYTES), deadline)
            missing = size - sum(map(len, pieces))
        return b"".join(pieces)

    def watch(self) -> Iterator[None]:
        """Until it ends: a step whenever there is news in its log. Raises ``DecoderFailed`` when none comes in time."""
        while self._open:
            self._receive(READ_BYTES, time.monotonic() + self.limits.stall_seconds)
            yield

    def _receive(self, size: int, deadline: float) -> list[bytes]:
        """Wait for either pipe; returns what came on standard output."""
        ready = self._poll.poll(max(0.0, deadline - time.monotonic()) * 1000)
        if not ready:
            self.close()
            raise DecoderFailed(detail=f"no sound for {self.limits.stall_seconds:g} s: {self.log.tail()}")
        return [data for descriptor, _ in ready if (data := self._read(descriptor, size))]

    def _read(self, descriptor: int, size: int) -> bytes:
        """What there is on a pipe that is ready; the log is taken care of."""
        data = os.read(descriptor, size if descriptor == self._out else READ_BYTES)
        if not data:
            self._poll.unregister(descriptor)
            self._open.discard(descriptor)
        elif descriptor == self._err:
            self.log.feed(data)
            return b""
        return data

    def delivered(self, seconds: float) -> None:
        """Grant the processor time that belongs to this much sound."""
        most = self.limits.cpu_until(self.limits.max_seconds)
        granted = min(most, self.limits.cpu_until(seconds))
        with contextlib.suppress(ProcessLookupError):  # it has ended by itself
            resource.prlimit(self._process.pid, resource.RLIMIT_CPU, (granted, most))

    def finish(self) -> int:
        """Read what is left of the log and return the exit status; negative: the signal that killed it."""
        deadline = time.monotonic() + self.limits.stall_seconds
        while self._open:
            self._receive(READ_BYTES, deadline)
        self.log.close()
        return self._process.wait(self.limits.stall_seconds)

    def ran_out(self, status: int) -> bool:
        """Whether FFmpeg could not run, or ended for want of time or memory: the machine's fault or a limit."""
        return status in OUT_OF_RESOURCES or "Exiting normally, received signal" in self.log

    def close(self) -> None:
        """Kill the process if it still runs, and forget it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe:
                pipe.close()
