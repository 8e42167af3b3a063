"""Reads one speaker's sound: between the decoder, the live transcriber and the scheduler, under one lock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence

from django.conf import settings
from django.db import connection as database

from transcription import whisper_service
from transcription.enums import CONTAINERS, Task
from transcription.services.live import Connection
from transcription.services.stored_sound import read_sound
from transcription.speaking.reading import HEARD_AT_ONCE, Reader
from transcription.speech.audio import Limits
from transcription.speech.audio.stream import open_stream, replay
from transcription.speech.events import Event
from transcription.speech.live import LiveTranscriber
from transcription.speech.types import SAMPLE_RATE, Samples, TranscribeOptions

WARM_UP_SECONDS = 20.0
"""Sound before the settled text that the detector of speech hears again: its gain remembers as much."""


class Captioner(Reader):
    """Safe from any thread. ``tell`` gets events, in order, from whichever thread made them; it must not wait."""

    def __init__(self, connection: Connection, tell: Callable[[list[Event]], None]) -> None:
        super().__init__(str(connection.live_id))
        self._connection, self._tell = connection, tell
        self._decoding = threading.Lock()
        """Of the decoder, which may have to wait for FFmpeg: nobody who only asks how things are waits with it."""
        self._ended = False
        self._behind = 0.0
        self._settled = 0
        """Samples that come next and are settled: text may be final before its sound is durable, and is sent again."""
        limits = Limits(max_seconds=settings.MAX_DURATION_HOURS * 3600)
        self._decoder = open_stream(connection.encoding, connection.sample_rate, limits=limits)
        options = TranscribeOptions(
            language=connection.language,
            task="translate" if connection.task == Task.TRANSLATE else "transcribe",
            vocabulary=connection.vocabulary,
        )
        self._transcriber = LiveTranscriber(
            options,
            languages=whisper_service.live_languages(),
            start=connection.start,
            first_index=connection.first_index,
            language=connection.detected,
            context=connection.context,
        )

    # Sound comes in; these take time and belong in a thread -----------------------------------------------------------

    def catch_up(self) -> None:
        """Hear what is stored and not yet final, then let the engine begin."""
        first, skipped = self._place_to_begin()
        self._settled = round(skipped * SAMPLE_RATE)
        try:
            if self._connection.received > first:
                stored = read_sound(
                    live_id=self._connection.live_id, from_position=first, to_position=self._connection.received
                )
                with self._decoding:
                    for samples in replay(self._decoder, stored):
                        if self._closed:
                            return
                        self._feed(samples)
        finally:
            database.close()
        with self._lock:
            if not self._closed:
                self._scheduler.add(self)

    def hear(self, data: bytes) -> None:
        """New sound, as it came. Raises MediaError, DecoderFailed."""
        with self._decoding:
            if not (self._closed or self._ended):
                self._feed(self._decoder.feed(data))
        self._wake()

    def finish(self) -> None:
        """No more comes. Raises MediaError, DecoderFailed."""
        with self._decoding:
            if self._closed:
                return
            self._ended = True
            self._feed(self._decoder.finish())
        with self._lock:
            if not self._closed:
                self._tell(self._transcriber.finish(time.monotonic()))
        self._wake()

    def _place_to_begin(self) -> tuple[int, float]:
        """Where to read the stored sound from, and how many seconds from there are only to warm up with."""
        if self._connection.encoding in CONTAINERS:
            return 0, self._connection.start  # only from its beginning can a container be understood
        seconds = max(0.0, self._connection.start - WARM_UP_SECONDS)
        first = round(seconds * self._connection.sample_rate)
        return first, self._connection.start - first / self._connection.sample_rate

    def _feed(self, samples: Samples) -> None:
        """Hear a block, a little at a time: others wait for the lock."""
        for begin in range(0, len(samples), HEARD_AT_ONCE):
            with self._lock:
                if not self._closed:
                    self._hear(samples[begin : begin + HEARD_AT_ONCE])

    def _hear(self, samples: Samples) -> None:
        """Of what is settled in a block, only the detector of speech takes note. Call under the lock."""
        if self._settled:
            self._transcriber.warm_up(samples[: self._settled])
            self._settled, samples = max(0, self._settled - len(samples)), samples[self._settled :]
        if len(samples):
            self._tell(self._transcriber.feed(samples, time.monotonic()))

    # Said by the speaker ----------------------------------------------------------------------------------------------

    def configure(self, language: str) -> None:
        """Raises UnsupportedLanguage."""
        with self._lock:
            self._transcriber.configure(language)

    def pause(self) -> None:
        with self._lock:
            self._tell(self._transcriber.pause(time.monotonic()))
        self._wake()

    @property
    def is_done(self) -> bool:
        with self._lock:
            return self._transcriber.is_done

    @property
    def behind(self) -> float:
        """Seconds that the text lags. Never waits: while sound is being heard, it is what it was before."""
        if self._lock.acquire(blocking=False):
            try:
                self._behind = self._transcriber.behind(time.monotonic())
            finally:
                self._lock.release()
        return self._behind

    def close(self) -> None:
        super().close()
        self._decoder.close()  # not under its lock: this also ends whoever waits for it

    # Reader -----------------------------------------------------------------------------------------------------------

    def _transcribers(self) -> Sequence[LiveTranscriber]:
        return (self._transcriber,)

    def _on_events(self, transcriber: LiveTranscriber, events: list[Event]) -> None:
        self._tell(events)

    _on_failure = _on_events


def newest_only(events: Iterable[Event], is_partial: Callable[[Event], bool]) -> list[Event]:
    """The events without partial texts that a later one of them replaces."""
    kept: list[Event] = []
    for event in events:
        if kept and is_partial(event) and is_partial(kept[-1]):
            kept.pop()
        kept.append(event)
    return kept
