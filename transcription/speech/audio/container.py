"""A container (WebM, Ogg) that arrives in pieces: FFmpeg decodes it in the sandbox, a thread feeds and reads it."""

from __future__ import annotations

import os
import threading
import time
from collections import deque

import ffmpeg
import numpy as np

from transcription.speech.audio import au
from transcription.speech.audio.media import Description
from transcription.speech.audio.piping import PipedSandbox
from transcription.speech.audio.sandbox import INPUT, READ_BYTES, Limits, Log
from transcription.speech.audio.tracks import FIRST_TRACK, failure, timeline
from transcription.speech.errors import DecoderFailed, MediaError, MediaTooLong, SpeechError
from transcription.speech.types import SAMPLE_RATE, Samples

DEMUXERS = {"webm": "matroska", "ogg": "ogg"}
LOW_BACKLOG, MOST_BACKLOG = 1 << 18, 8 << 20
MOST_READY = 60 * SAMPLE_RATE
"""Samples that nobody fetches: beyond it FFmpeg has to wait."""
MOST_AT_END = 10 * MOST_READY
SOME_BYTES, MANY_BYTES = 1 << 16, 4 << 20
"""Without a sound in them for ``stall_seconds``, or without a sound at all, this is no recording any more."""
NOTHING = np.zeros(0, np.float32)


class ContainerStream:
    """A ``StreamDecoder`` for containers. Its process ends with ``close``, or when it is forgotten.

    The sound is on the timeline that ``decode`` puts it on, gaps filled. How much sound is in how many bytes is up to
    whoever sends them: to bound it, count the samples.
    """

    def __init__(self, encoding: str, limits: Limits) -> None:
        # The thread knows only the exchange, not this object: or it could never be forgotten.
        self._exchange = exchange = _Exchange(DEMUXERS[encoding], limits)
        self._thread = threading.Thread(target=exchange.run, name="container", daemon=True)
        self._thread.start()

    @property
    def backlog(self) -> int:
        return self._exchange.backlog

    def feed(self, data: bytes) -> Samples:
        return self._exchange.swap(data)

    def wait(self, seconds: float) -> None:
        self._exchange.wait(seconds)

    def finish(self) -> Samples:
        """Waits for the last of the sound; raises ``DecoderFailed`` if more than ten minutes of it were behind."""
        self._exchange.end_input()
        parts = []
        while not self._exchange.is_over:
            self._exchange.wait(self._exchange.limits.stall_seconds)
            parts.append(self._exchange.swap(b""))
            if sum(map(len, parts)) > MOST_AT_END:
                self.close()
                raise DecoderFailed(detail="far behind at the end of the stream")
        return np.concatenate([*parts, self._exchange.swap(b"")])

    def close(self) -> None:
        self._exchange.cancel()
        self._thread.join()

    def __del__(self) -> None:
        if hasattr(self, "_thread"):
            self._exchange.cancel()  # without waiting: this may be any thread, even that one


class _Exchange:
    """What the stream's owner and its thread share; FFmpeg and the timeline are the thread's alone."""

    def __init__(self, demuxer: str, limits: Limits) -> None:
        self.limits = limits
        self.is_over = False
        self.backlog = 0
        self._demuxer = demuxer
        self._changed = threading.Condition()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._pending: deque[bytes] = deque()
        self._ready: list[Samples] = []
        self._count = 0
        self._input_ended = self._cancelled = False
        self._error: SpeechError | None = None

    # For the owner

    def swap(self, data: bytes) -> Samples:
        with self._changed:
            if data and not self.is_over:
                if self.backlog > MOST_BACKLOG:
                    raise DecoderFailed(detail=f"{self.backlog} bytes behind")
                self._pending.append(bytes(data))
                self.backlog += len(data)
            self._ring()
            if not self._ready:
                self._complain()
                return NOTHING
            ready, self._ready, self._count = self._ready, [], 0
        return np.concatenate(ready)

    def wait(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self.is_over or self._ready or self._is_idle(), seconds)

    def end_input(self) -> None:
        with self._changed:
            self._input_ended = True
            self._ring()

    def cancel(self) -> None:
        with self._changed:
            self._cancelled = True
            self._ring()

    def _is_idle(self) -> bool:
        return self.backlog <= LOW_BACKLOG and not self._input_ended

    def _complain(self) -> None:
        """Raise why there will be no more sound, if so."""
        if self._error:
            raise self._error
        if self.is_over and not self._input_ended:
            raise MediaError(detail="the stream is closed" if self._cancelled else "ended before its end")

    def _ring(self) -> None:
        if not self.is_over:
            os.eventfd_write(self._wake, 1)

    # For the thread

    def run(self) -> None:
        """All there is to do, in one thread: FFmpeg dies with the thread that started it."""
        error: SpeechError | None = None
        try:
            _Decoding(self, self._demuxer, self.limits, self._wake).run()
        except SpeechError as failed:
            error = failed
        except Exception as failed:
            error = DecoderFailed(detail=repr(failed))
        with self._changed:
            self._error = error
            self.is_over = True
            self._pending.clear()
            self.backlog = 0
            os.close(self._wake)
            self._changed.notify_all()

    def look(self) -> tuple[bytes, bool, bool]:
        """The next bytes to write, whether samples may be added, whether the input ends after these bytes."""
        with self._changed:
            os.eventfd_write(self._wake, 1)  # so that the next line never has to wait
            os.eventfd_read(self._wake)
            last = self._input_ended and len(self._pending) <= 1
            return self._pending[0] if self._pending else b"", self._count < MOST_READY, last

    @property
    def is_cancelled(self) -> bool:
        return self._cancelled

    def report(self, written: int, samples: Samples) -> None:
        with self._changed:
            if written:
                first = self._pending.popleft()
                self.backlog -= written
                if written < len(first):
                    self._pending.appendleft(first[written:])
            if len(samples):
                self._ready.append(samples)
                self._count += len(samples)
            if written or len(samples):
                self._changed.notify_all()


class _Decoding:
    """The thread's side: one FFmpeg from its start to its end."""

    def __init__(self, exchange: _Exchange, demuxer: str, limits: Limits, wake: int) -> None:
        self._exchange = exchange
        self._limits = limits
        self._description = Description()
        self._reader = au.Reader()
        self._decoded = 0
        self._patience = _Patience(limits.stall_seconds)
        self._sandbox = PipedSandbox(
            limits=limits, build=lambda cmd: _command(cmd, demuxer), observe=self._description.see, wake=wake
        )

    def run(self) -> None:
        try:
            while self._sandbox.has_output and not self._exchange.is_cancelled:
                self._step()
            if not self._exchange.is_cancelled:
                self._end()
        finally:
            self._sandbox.close()

    def _step(self) -> None:
        data, has_room, is_last = self._exchange.look()
        if is_last and not data:
            self._sandbox.end_input()
        written, output = self._sandbox.exchange(data, room=READ_BYTES if has_room else 0, timeout=1.0)
        samples = self._reader.feed(output)
        self._deliver(written, samples)
        if has_room:
            self._patience.check(written, bool(output), is_waiting=bool(data) or is_last, log=self._sandbox.log)

    def _deliver(self, written: int, samples: Samples) -> None:
        self._exchange.report(written, samples)
        self._decoded += len(samples)
        seconds = self._decoded / SAMPLE_RATE
        if self._limits.cpu_until(seconds) > self._limits.cpu_until((self._decoded - len(samples)) / SAMPLE_RATE):
            self._sandbox.delivered(seconds)
        if seconds > self._limits.max_seconds:
            raise MediaTooLong

    def _end(self) -> None:
        self._deliver(0, self._reader.finish())
        status = self._sandbox.finish()
        if not self._decoded or self._sandbox.ran_out(status):
            raise failure(self._sandbox, status, self._description)


class _Patience:
    """Ends when FFmpeg stops taking bytes and giving sound, or takes many and gives none."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._bytes = 0
        self._since = self._moved = time.monotonic()

    def check(self, written: int, has_sound: bool, *, is_waiting: bool, log: Log) -> None:
        now = time.monotonic()
        if written or has_sound or not is_waiting:
            self._moved = now
        if has_sound or not self._bytes:
            self._bytes, self._since = 0, now
        self._bytes += written
        if now - self._moved > self._seconds:
            raise DecoderFailed(detail=f"stuck for {self._seconds:g} s: {log.tail()}")
        if self._bytes > MANY_BYTES or (self._bytes > SOME_BYTES and now - self._since > self._seconds):
            raise MediaError(detail=f"no sound in {self._bytes} bytes: {log.tail()}")


def _command(cmd: list[str], demuxer: str) -> list[str]:
    """As for a file, but each packet goes through at once. (``nobuffer`` is not needed for it, and drops sound.)"""
    source = ffmpeg.input("fd:", **INPUT, f=demuxer, analyzeduration=500_000)
    output = source.output(
        "pipe:1",
        map=FIRST_TRACK,
        af=timeline(SAMPLE_RATE),
        acodec="pcm_f32be",
        f="au",
        max_error_rate=1,
        threads=1,
        flush_packets=1,
    )
    return list(ffmpeg.compile(output, cmd=cmd))
