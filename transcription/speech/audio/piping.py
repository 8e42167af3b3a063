"""A sandbox that is fed through a pipe."""

from __future__ import annotations

import os
import select
from collections.abc import Callable

from transcription.speech.audio.sandbox import READ_BYTES, Limits, Sandbox


class PipedSandbox(Sandbox):
    """An FFmpeg that reads what ``exchange`` is given.

    ``wake``: a descriptor that ends the wait of ``exchange`` when it becomes readable. Writing and reading happen in
    one step: whoever only writes to FFmpeg waits for ever once FFmpeg waits for its own output to be read.
    """

    def __init__(
        self, *, limits: Limits, build: Callable[[list[str]], list[str]], observe: Callable[[str], None], wake: int
    ) -> None:
        source, self._in = os.pipe()  # neither is inherited; the sandbox closes the first
        self._wake = wake
        try:
            os.set_blocking(self._in, False)
            super().__init__(source, limits=limits, build=build, observe=observe)
        except BaseException:
            self.end_input()
            raise

    @property
    def has_output(self) -> bool:
        """Whether more may come."""
        return self._out in self._open

    def exchange(self, data: bytes, *, room: int, timeout: float) -> tuple[int, bytes]:
        """Wait until something can be written or read, at most ``timeout`` seconds, and do it.

        Returns how many bytes of ``data`` are done with (all of them, once FFmpeg reads no more) and at most ``room``
        bytes of its output.
        """
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        if data and self._in >= 0:
            poll.register(self._in, select.POLLOUT)
        for descriptor in self._open:
            if room or descriptor != self._out:
                poll.register(descriptor, select.POLLIN)
        ready = {descriptor for descriptor, _ in poll.poll(timeout * 1000)}
        written = self._write(data) if self._in < 0 or self._in in ready else 0
        if self._err in ready:
            self._read(self._err, READ_BYTES)
        return written, self._read(self._out, room) if self._out in ready else b""

    def end_input(self) -> None:
        if self._in >= 0:
            os.close(self._in)
            self._in = -1

    def close(self) -> None:
        self.end_input()
        super().close()

    def _write(self, data: bytes) -> int:
        if self._in < 0:
            return len(data)
        try:
            return os.write(self._in, data[: select.PIPE_BUF * 16])
        except BrokenPipeError:
            self.end_input()
            return len(data)
        except BlockingIOError:
            return 0
