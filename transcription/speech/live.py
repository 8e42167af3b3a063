"""Live recognition: sound in, words out while somebody speaks.

``LiveTranscriber`` does no work and knows no clock: sound is fed to it, it says what the engine should read next
(``begin``), and is told the outcome (``complete``). So one speaker can be served by threads, and an hour of talk can be
tried on a virtual clock.

How it reads. A detector finds utterances. While one is open, its sound so far is read quickly whenever enough new
speech has come: a partial text. When a short silence begins, the utterance is read with a beam at once, before it is
known whether the silence lasts; if it does, that reading is final without further wait. Every reading also hears the
end of what was said before, whose text is forced on the decoder: a window that begins with known words is read better.
An utterance that grows too long for a window is read, and settled up to a gap between words: work is bounded however
long somebody talks.
"""

from __future__ import annotations

from collections import deque

from transcription.speech.agreement import StableText, keep_stable, split_words
from transcription.speech.earlier import EarlierText, SpokenLanguage
from transcription.speech.endpointing import Endpoint, Endpointer, Endpointing, Onset
from transcription.speech.engines.base import SHORT_WINDOW, require_language
from transcription.speech.events import Event, Partial, SpeechEnded, SpeechStarted, UtteranceSettled
from transcription.speech.guards import Reading
from transcription.speech.live_settled import Settled, before_a_gap
from transcription.speech.live_windows import Windows
from transcription.speech.live_work import Outcome, Urgency, Utterance, Work, perform
from transcription.speech.sound_buffer import SoundBuffer
from transcription.speech.types import Hypothesis, Samples, TranscribeOptions
from transcription.speech.vad import FRAME_SECONDS
from transcription.speech.windows import MIN_SPEECH_FRAMES

POST_ROLL = 0.3
CADENCE = 0.35
"""Seconds of new sound between two partial readings."""
SPECULATE = 0.15
"""Seconds of silence after which the utterance is read as if it had ended."""
LONGEST = 12.0
"""Seconds of utterance at which what was said is settled up to a gap between words."""
KEPT_OPEN = 1.0
"""Seconds at the end of such a window that stay open: their words may be cut off."""
SILENT_STEP = 30.0
"""Silence is settled in steps of this many seconds."""
MAX_TRIES = 3


__all__ = ["LiveTranscriber", "Outcome", "Urgency", "Work", "perform"]


class LiveTranscriber:
    """One speaker. Not safe for threads. ``now`` is any clock in seconds that does not go back."""

    def __init__(
        self,
        options: TranscribeOptions,
        *,
        languages: frozenset[str],
        start: float = 0.0,
        first_index: int = 0,
        language: str = "",
        context: str = "",
        endpointing: Endpointing = Endpointing(),  # noqa: B008  (frozen)
    ) -> None:
        """To go on after a break, pass where the settled text ended, the next index, its language and its last words.

        Raises ``UnsupportedLanguage``.
        """
        require_language(options.language, languages)
        self._languages = languages
        self._language = SpokenLanguage(options.language or language)
        self._sound = SoundBuffer(start, offset=endpointing.offset)
        self._endpointer = Endpointer(endpointing)
        self._pre_roll = endpointing.pre_roll
        self._open: Utterance | None = None
        self._closed: deque[Utterance] = deque()
        self._discarded = 0
        earlier = EarlierText(context)
        self._windows = Windows(self._sound, earlier, self._language, options)
        self._settled = Settled(self._sound, earlier, self._language, task=options.task, first_index=first_index)
        self._out: Work | None = None
        self._finished = False

    # Sound comes in -------------------------------------------------------------------------------------------------

    def warm_up(self, samples: Samples) -> None:
        """Sound before the start, of which only the detector of speech takes note."""
        self._sound.warm_up(samples)

    def feed(self, samples: Samples, now: float) -> list[Event]:
        """Hear new sound, of any length."""
        events: list[Event] = []
        for probability in self._sound.add(samples):
            sign = self._endpointer.step(probability)
            if isinstance(sign, Onset):
                events += self._on_onset(sign)
            elif isinstance(sign, Endpoint):
                events += self._on_endpoint()
        events += self._settle_silence()
        self._sound.forget_before(self._oldest_needed())
        return events

    def pause(self, now: float) -> list[Event]:
        """The speaker takes a break: what was said is complete."""
        if not self._endpointer.is_open:
            return []
        self._endpointer.close()
        return self._on_endpoint()

    def discard(self) -> None:
        """What is being said, and has not ended, shall not be read, nor be heard with what follows."""
        if self._endpointer.is_open:
            self._endpointer.close()
        self._open = None
        self._discarded = self._endpointer.frame

    def finish(self, now: float) -> list[Event]:
        """No more sound comes."""
        events = []
        for probability in self._sound.flush():
            self._endpointer.step(probability)
        if self._endpointer.is_open:
            self._endpointer.close()
            events = self._on_endpoint()
        self._finished = True
        return events + self._end_if_done()

    def configure(self, language: str) -> None:
        """Another language from the next utterance on; "" means: detect it. Raises ``UnsupportedLanguage``."""
        require_language(language, self._languages)
        self._language.choose(language)

    # The engine's side ----------------------------------------------------------------------------------------------

    def urgency(self, now: float) -> Urgency:
        """Whether there is anything to read; never while something is being read."""
        if self._out is not None:
            return Urgency.IDLE
        if self._closed:
            return Urgency.FINAL
        if (utterance := self._open) is None or self._endpointer.speech_frames < MIN_SPEECH_FRAMES:
            return Urgency.IDLE
        if self._length(utterance) >= LONGEST:
            return Urgency.FINAL
        if self._endpointer.silence >= SPECULATE:
            return Urgency.PARTIAL if utterance.speculated != self._endpointer.end else Urgency.IDLE
        fresh = (self._endpointer.frame - utterance.read_until) * FRAME_SECONDS
        return Urgency.PARTIAL if fresh >= CADENCE and self._endpointer.end > utterance.read_until else Urgency.IDLE

    def begin(self, now: float) -> Work | None:
        """The most urgent window, up to the newest sound. It must be given back by ``complete`` or ``fail``."""
        urgency = self.urgency(now)
        if urgency == Urgency.IDLE:
            return None
        if self._closed:
            self._out = self._work(self._closed[0], self._closed_end(self._closed[0]), is_final=True, full=True)
        else:
            assert self._open is not None
            self._out = self._work_on_open(self._open, urgency)
        return self._out

    def complete(self, work: Work, outcome: Outcome, now: float) -> list[Event]:
        """What the engine read."""
        self._out = None
        utterance = work.utterance
        assert utterance is not None
        self._language.weigh(outcome.scores)
        if utterance is not self._open and utterance not in self._closed:
            return []  # settled meanwhile, or it was only a click
        if utterance.closed and work.full and work.end >= utterance.end:
            return self._settle(utterance, outcome.reading)
        if utterance.closed and not work.full:
            return []
        if work.is_final:
            return self._settle_part(utterance, outcome.reading, work)
        if work.full and not outcome.reading.doubt:
            utterance.reading = work.end, outcome.reading
        return self._show(utterance, outcome.reading, thorough=work.full)

    def fail(self, work: Work, now: float) -> list[Event]:
        """The engine failed. The sound is tried again, and given up after the third time: nothing else waits for it."""
        self._out = None
        utterance = work.utterance
        assert utterance is not None
        utterance.tries += 1
        utterance.speculated = 0
        if utterance.tries < MAX_TRIES or not (utterance.closed or work.is_final):
            return []
        empty = Reading(work.cut, Hypothesis("", self._language.code), "engine")
        if utterance.closed:
            return self._settle(utterance, empty)
        return self._settle_part(utterance, empty, work)

    # What it tells --------------------------------------------------------------------------------------------------

    @property
    def position(self) -> float:
        """Seconds of the recording before which everything is final."""
        return self._settled.position

    @property
    def heard(self) -> float:
        """Seconds of the recording that were fed."""
        return self._sound.seconds(self._endpointer.frame)

    @property
    def is_done(self) -> bool:
        return self._finished and not self._closed and self._out is None

    def behind(self, now: float) -> float:
        """Seconds of speech that were heard and not yet read at all."""
        waiting = [*self._closed, *([self._open] if self._open else [])]
        if not waiting:
            return 0.0
        first = waiting[0]
        unread = max(first.read_until, first.speech)
        return max(0.0, (max(self._endpointer.end, first.end) - unread) * FRAME_SECONDS)

    # Utterances -----------------------------------------------------------------------------------------------------

    def _on_onset(self, onset: Onset) -> list[Event]:
        before = self._closed[-1].end + _frames(POST_ROLL) if self._closed else self._settled.frame
        before = max(before, self._discarded)
        begin = max(onset.frame - _frames(self._pre_roll), min(before, onset.frame), self._settled.frame)
        at = round(self._sound.seconds(onset.frame), 3)
        self._open = Utterance(begin=begin, speech=onset.frame, at=at)
        self._language.apply()
        return [SpeechStarted(at)]

    def _on_endpoint(self) -> list[Event]:
        utterance, self._open = self._open, None
        if utterance is None:
            return []
        utterance.end, utterance.closed = self._endpointer.end, True
        utterance.speech_frames = self._endpointer.speech_frames
        ended: list[Event] = [SpeechEnded(round(self._sound.seconds(utterance.end), 3))]
        if utterance.speech_frames < MIN_SPEECH_FRAMES and not utterance.joined:
            return [*ended, UtteranceSettled(utterance.at)]
        self._closed.append(utterance)
        if utterance.reading and utterance.reading[0] >= utterance.end and self._closed[0] is utterance:
            return ended + self._settle(utterance, utterance.reading[1])
        return ended

    def _work_on_open(self, utterance: Utterance, urgency: Urgency) -> Work:
        utterance.end = self._endpointer.end
        if urgency == Urgency.FINAL:
            return self._work(utterance, self._endpointer.frame, is_final=True, full=True)
        if self._endpointer.silence >= SPECULATE:
            utterance.speculated = utterance.end
            return self._work(utterance, self._closed_end(utterance), is_final=False, full=True)
        return self._work(utterance, self._endpointer.frame, is_final=False, full=False)

    def _work(self, utterance: Utterance, end: int, *, is_final: bool, full: bool) -> Work:
        utterance.read_until = end
        return self._windows.cut(utterance, end, is_final=is_final, full=full)

    def _closed_end(self, utterance: Utterance) -> int:
        return min(utterance.end + _frames(POST_ROLL), self._endpointer.frame)

    # Text -----------------------------------------------------------------------------------------------------------

    def _show(self, utterance: Utterance, reading: Reading, *, thorough: bool) -> list[Event]:
        if reading.doubt:
            return []
        words = split_words(reading.hypothesis.text, self._language.code)
        stable, unstable = utterance.text.update(words, thorough=thorough)
        return [self._partial(utterance, stable, unstable)]

    def _settle(self, utterance: Utterance, reading: Reading) -> list[Event]:
        """An utterance that has ended gets its final text."""
        self._closed.remove(utterance)
        words = keep_stable(utterance.text.stable, reading.hypothesis.words, self._span(utterance))
        final = self._settled.add(words, reading, self._closed_end(utterance))
        return [final, UtteranceSettled(utterance.at), *self._end_if_done()]

    def _settle_part(self, utterance: Utterance, reading: Reading, work: Work) -> list[Event]:
        """An utterance that became too long is settled up to a gap between words, and goes on from there."""
        words = keep_stable(utterance.text.stable, reading.hypothesis.words, self._span(utterance))
        kept = before_a_gap(words, work.window.end - KEPT_OPEN)
        rest = words[len(kept) :]
        cut = self._sound.frame((kept[-1].end + rest[0].start) / 2) if kept and rest else work.end
        cut = max(utterance.begin + 1, min(cut, work.end))
        events: list[Event] = [self._settled.add(kept, reading, cut)]
        utterance.begin = utterance.speech = cut
        utterance.joined, utterance.text, utterance.reading = True, StableText(), None
        utterance.read_until, utterance.speculated = cut, 0
        if self._open is utterance:
            self._endpointer.cut(cut)
        if rest:
            stable, unstable = utterance.text.update([word.text for word in rest], thorough=True)
            events.append(self._partial(utterance, stable, unstable))
        return events

    def _partial(self, utterance: Utterance, stable: str, unstable: str) -> Partial:
        if stable:
            stable = stable.lstrip()
        else:
            unstable = unstable.lstrip()
        return Partial(self._settled.index, round(self._sound.seconds(utterance.speech), 3), stable, unstable)

    def _settle_silence(self) -> list[Event]:
        if self._open or self._closed or self._out:
            return []
        quiet = self._endpointer.frame - _frames(2 * self._pre_roll)
        if (quiet - self._settled.frame) * FRAME_SECONDS < SILENT_STEP:
            return []
        return [self._settled.move_to(quiet)]

    def _end_if_done(self) -> list[Event]:
        """When all is read, the silence at the end is settled too."""
        if not self.is_done or self._settled.frame >= self._endpointer.frame:
            return []
        return [self._settled.move_to(self._endpointer.frame)]

    def _span(self, utterance: Utterance) -> tuple[float, float]:
        return self._sound.seconds(utterance.speech), self._sound.seconds(max(utterance.end, utterance.speech + 1))

    def _length(self, utterance: Utterance) -> float:
        return (self._endpointer.frame - utterance.begin) * FRAME_SECONDS

    def _oldest_needed(self) -> int:
        waiting = [*self._closed, *([self._open] if self._open else [])]
        begins = [utterance.begin for utterance in waiting] or [self._endpointer.frame - _frames(2 * self._pre_roll)]
        return min(begins) - _frames(SHORT_WINDOW)


def _frames(seconds: float) -> int:
    return round(seconds / FRAME_SECONDS)
