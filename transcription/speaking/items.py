"""What was said, as items of a conversation: what a live transcriber tells becomes events of the realtime API. Pure.

Deltas only ever add: they are made of words that stay, and together they are the transcript.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from transcription import realtime_protocol as protocol
from transcription.realtime_settings import LOGPROBS, Settings
from transcription.speech.agreement import is_unspaced
from transcription.speech.events import Event, Partial, SpeechEnded, SpeechStarted, UtteranceSettled
from transcription.speech.types import Checkpoint, Segment, Word


@dataclass(slots=True)
class Item:
    """``start`` and ``end`` in seconds of the session's sound."""

    start: float
    id: str = field(default_factory=lambda: protocol.new_id("item"))
    end: float = 0.0
    is_committed: bool = False
    has_failed: bool = False
    final: str = ""
    sent: str = ""
    """How much of the text has gone out as deltas."""
    words: list[Word] = field(default_factory=list)
    _joint: str = ""
    """Between the final text and what comes next."""

    def show(self, partial: Partial) -> list[protocol.Event]:
        return self._grow_to(self.final + self._joint + partial.stable) if partial.stable else []

    def add(self, segment: Segment) -> None:
        self.final += self._joint + segment.text
        self.words += segment.words
        self._joint = "" if is_unspaced(segment.language) else " "

    def flush(self) -> list[protocol.Event]:
        return self._grow_to(self.final)

    def _grow_to(self, text: str) -> list[protocol.Event]:
        if len(text) <= len(self.sent) or not text.startswith(self.sent):
            return []
        new, self.sent = text[len(self.sent) :], text
        return [protocol.delta(item_id=self.id, text=new)]

    def complete(self, settings: Settings) -> list[protocol.Event]:
        if self.has_failed:
            return [protocol.failed(item_id=self.id)]
        words = self.words if LOGPROBS in settings.include else None
        seconds = self.end - self.start
        done = protocol.completed(item_id=self.id, transcript=self.final, seconds=seconds, words=words)
        return [*self.flush(), done]


class Conversation:
    """Knows which item came last."""

    def __init__(self) -> None:
        self._last: str | None = None

    def commit(self, item: Item) -> list[protocol.Event]:
        previous, self._last = self._last, item.id
        item.is_committed = True
        return protocol.committed(item_id=item.id, previous_item_id=previous)


class Utterances:
    """With server VAD: an item for each utterance. Of the events of one transcriber, all in order."""

    def __init__(self, conversation: Conversation, settings: Settings) -> None:
        assert settings.vad is not None
        self._conversation, self._settings = conversation, settings
        self._padding = settings.vad.prefix_padding_ms / 1000
        self._silence = settings.vad.silence_duration_ms / 1000
        self._items: dict[float, Item] = {}
        """Not settled, by the time that their speech started; what is read is the first of them."""
        self._ended = 0.0

    def hear(self, events: Sequence[Event], heard: float) -> list[protocol.Event]:
        """``heard``: seconds of the session's sound up to now."""
        said: list[protocol.Event] = []
        for event in events:
            match event:
                case SpeechStarted(at):
                    item = self._items[at] = Item(max(self._ended, at - self._padding))
                    said.append(protocol.speech_started(item_id=item.id, at=item.start))
                case SpeechEnded(at):
                    said += self._on_ended(min(at + self._silence, heard))
                case Partial() if self._items:
                    said += self._first.show(event)
                case Checkpoint() if self._items:
                    for segment in event.segments:
                        self._first.add(segment)
                        said += self._first.flush()
                case UtteranceSettled(at) if at in self._items:
                    said += self._items.pop(at).complete(self._settings)
        return said

    def fail(self) -> None:
        """A part of what is read could not be."""
        if self._items:
            self._first.has_failed = True

    def discard(self) -> None:
        """What has not ended will not be heard of again."""
        self._items = {at: item for at, item in self._items.items() if item.is_committed}

    @property
    def _first(self) -> Item:
        return next(iter(self._items.values()))

    def _on_ended(self, at: float) -> list[protocol.Event]:
        item = next(reversed(self._items.values()))
        item.end = self._ended = max(at, item.start)
        stopped = protocol.speech_stopped(item_id=item.id, at=item.end)
        return [stopped, *self._conversation.commit(item)]


class Commit:
    """Without VAD: one item of all that a transcriber tells. Nothing of it is said before it is committed."""

    def __init__(self, conversation: Conversation, settings: Settings, *, start: float) -> None:
        self._conversation, self._settings = conversation, settings
        self._item = Item(start)

    def hear(self, events: Sequence[Event], heard: float) -> list[protocol.Event]:
        said: list[protocol.Event] = []
        for event in events:
            match event:
                case Partial() if self._item.is_committed:
                    said += self._item.show(event)
                case Checkpoint():
                    for segment in event.segments:
                        self._item.add(segment)
        return said + (self._item.flush() if self._item.is_committed else [])

    def fail(self) -> None:
        self._item.has_failed = True

    def commit(self, end: float) -> list[protocol.Event]:
        self._item.end = end
        return [*self._conversation.commit(self._item), *self._item.flush()]

    def complete(self) -> list[protocol.Event]:
        return self._item.complete(self._settings)
