"""Hears the sound of a realtime session: each stretch of it with the settings that held when it began."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from transcription import realtime_protocol as protocol
from transcription import whisper_service
from transcription.realtime_protocol import LEAST_COMMIT_MS, InvalidEvent
from transcription.realtime_settings import Settings
from transcription.speaking.items import Commit, Conversation, Utterances
from transcription.speaking.reading import HEARD_AT_ONCE, Reader
from transcription.speech.audio import StreamDecoder, bytes_per_sample, open_stream
from transcription.speech.endpointing import Endpointing
from transcription.speech.events import Event
from transcription.speech.live import LiveTranscriber
from transcription.speech.types import Samples, TranscribeOptions


@dataclass(slots=True, eq=False)
class Stretch:
    """Sound that one transcriber hears: all until the settings change; without VAD, all until it is committed."""

    settings: Settings
    transcriber: LiveTranscriber
    decoder: StreamDecoder
    items: Utterances | Commit
    seconds: float = 0.0


class RealtimeReader(Reader):
    """``hear``, ``commit``, ``clear`` and ``change`` take time and belong in a thread, one at a time. ``tell`` gets
    events for the client, in order, from whichever thread made them; it must not wait."""

    def __init__(self, name: str, settings: Settings, tell: Callable[[list[protocol.Event]], None]) -> None:
        super().__init__(name)
        self._settings, self._tell = settings, tell
        self._conversation = Conversation()
        self._stretches: deque[Stretch] = deque()
        self._open: Stretch | None = None
        """The last of them, while more sound may come."""
        self._heard = 0.0
        self._scheduler.add(self)

    # Said by the client -----------------------------------------------------------------------------------------------

    def hear(self, data: bytes) -> None:
        stretch = self._open or self._begin()
        seconds = len(data) / bytes_per_sample(stretch.settings.encoding) / stretch.settings.rate
        stretch.seconds += seconds
        self._heard += seconds
        self._feed(stretch, stretch.decoder.feed(data))
        self._wake()

    def commit(self) -> None:
        """Raises InvalidEvent when there is next to nothing."""
        stretch = self._open
        if stretch is not None and isinstance(stretch.items, Utterances):
            with self._lock:
                events = stretch.transcriber.pause(time.monotonic())
                self._on_events(stretch.transcriber, events)
            if not events:
                raise InvalidEvent("Nothing was said since the last item.", code="input_audio_buffer_commit_empty")
        else:
            had = 1000 * stretch.seconds if stretch else 0.0
            if stretch is None or had < LEAST_COMMIT_MS:
                words = (
                    f"The buffer is too small: a commit needs at least {LEAST_COMMIT_MS} ms of sound, not {had:.0f}."
                )
                raise InvalidEvent(words, code="input_audio_buffer_commit_empty")
            self._end(stretch)
        self._wake()

    def clear(self) -> None:
        """Forget what was not committed."""
        with self._lock:
            stretch = self._open
            if stretch is not None and isinstance(stretch.items, Utterances):
                stretch.transcriber.discard()
                stretch.items.discard()
            elif stretch is not None:
                self._stretches.remove(stretch)
                self._open = None

    def change(self, settings: Settings) -> None:
        """For the sound from here on. What was said before is read as it was to be; without VAD, the item that has
        begun is, too."""
        stretch, self._settings = self._open, settings
        if stretch is None or settings == stretch.settings:
            return
        if settings.vad is None and stretch.settings.vad is None and settings.format == stretch.settings.format:
            return
        if stretch.settings.vad is None and 1000 * stretch.seconds < LEAST_COMMIT_MS:
            self.clear()
        else:
            self._end(stretch)
        self._wake()

    @property
    def behind(self) -> float:
        """Seconds of speech that were heard and not yet read."""
        with self._lock:
            return sum(each.transcriber.behind(time.monotonic()) for each in self._stretches)

    @property
    def waiting(self) -> int:
        """Stretches that are not read to their end."""
        return len(self._stretches)

    @property
    def uncommitted(self) -> float:
        """Seconds of sound that wait for the client's commit."""
        stretch = self._open
        return stretch.seconds if stretch is not None and stretch.settings.vad is None else 0.0

    # Stretches --------------------------------------------------------------------------------------------------------

    def _begin(self) -> Stretch:
        settings = self._settings
        chosen = settings.transcription
        transcriber = LiveTranscriber(
            TranscribeOptions(language=chosen.language, vocabulary=chosen.vocabulary),
            languages=whisper_service.live_languages(),
            start=self._heard,
            endpointing=settings.vad.endpointing() if settings.vad else Endpointing(),
        )
        items: Utterances | Commit
        if settings.vad:
            items = Utterances(self._conversation, settings)
        else:
            items = Commit(self._conversation, settings, start=self._heard)
        stretch = Stretch(settings, transcriber, open_stream(settings.encoding, settings.rate), items)
        with self._lock:
            self._stretches.append(stretch)
            self._open = stretch
        return stretch

    def _feed(self, stretch: Stretch, samples: Samples) -> None:
        for begin in range(0, len(samples), HEARD_AT_ONCE):
            with self._lock:
                if self._closed:
                    return
                events = stretch.transcriber.feed(samples[begin : begin + HEARD_AT_ONCE], time.monotonic())
                self._on_events(stretch.transcriber, events)

    def _end(self, stretch: Stretch) -> None:
        """No more sound comes to it."""
        self._feed(stretch, stretch.decoder.finish())
        with self._lock:
            self._open = None
            if isinstance(stretch.items, Commit):
                self._tell(stretch.items.commit(self._heard))
            self._on_events(stretch.transcriber, stretch.transcriber.finish(time.monotonic()))

    # Reader -----------------------------------------------------------------------------------------------------------

    def _transcribers(self) -> Sequence[LiveTranscriber]:
        return [each.transcriber for each in self._stretches]

    def _on_events(self, transcriber: LiveTranscriber, events: list[Event]) -> None:
        stretch = next((each for each in self._stretches if each.transcriber is transcriber), None)
        if stretch is None or self._closed:
            return  # it was cleared meanwhile
        said = stretch.items.hear(events, transcriber.heard)
        if transcriber.is_done:
            self._stretches.remove(stretch)
            if isinstance(stretch.items, Commit):
                said += stretch.items.complete()
        if said:
            self._tell(said)

    def _on_failure(self, transcriber: LiveTranscriber, events: list[Event]) -> None:
        stretch = next((each for each in self._stretches if each.transcriber is transcriber), None)
        if stretch is not None and events:
            stretch.items.fail()
        self._on_events(transcriber, events)
