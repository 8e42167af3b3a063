"""Live recognition on a virtual clock, with the scripted engine and with a real one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from tests.speech.sounds import speech
from transcription.speech.engines.base import EngineOptions
from transcription.speech.engines.registry import load_engine
from transcription.speech.engines.scripted import ScriptedEngine
from transcription.speech.errors import UnsupportedLanguage
from transcription.speech.events import Partial, SpeechEnded, SpeechStarted, UtteranceSettled
from transcription.speech.live import LONGEST, LiveTranscriber, Urgency, perform
from transcription.speech.metrics import word_errors
from transcription.speech.types import SAMPLE_RATE, Checkpoint, TranscribeOptions

BLOCK = SAMPLE_RATE // 10
ENGLISH = TranscribeOptions(language="en")


class Talk:
    """Feeds sound at the pace of speech; the engine takes ``cost`` seconds for each window."""

    def __init__(self, engine, options=ENGLISH, *, cost=0.2, **resume):
        self.engine, self.cost = engine, cost
        self.live = LiveTranscriber(options, languages=engine.languages, **resume)
        self.now, self.free, self.out = 0.0, 0.0, None
        self.events, self.windows = [], []

    def say(self, samples):
        for begin in range(0, len(samples), BLOCK):
            self.now += BLOCK / SAMPLE_RATE
            self.work()
            self.events += self.live.feed(samples[begin : begin + BLOCK], self.now)
            self.work()
        return self

    def work(self):
        if self.out and self.free <= self.now:
            work, self.out = self.out, None
            self.events += self.live.complete(work, perform([work], self.engine)[0], self.now)
        if not self.out and (work := self.live.begin(self.now)):
            self.windows.append(work.window.duration)
            self.out, self.free = work, self.now + self.cost

    def finish(self):
        self.events += self.live.finish(self.now)
        while not self.live.is_done:
            self.now += 0.1
            self.work()
        return self

    @property
    def finals(self):
        return [segment for event in self.events if isinstance(event, Checkpoint) for segment in event.segments]

    @property
    def text(self):
        return " ".join(segment.text for segment in self.finals)


@pytest.fixture(scope="module")
def base():
    return load_engine(EngineOptions(model="base", models_dir=Path(settings.MODELS)))


def endless(seconds):
    """Somebody who never takes a breath."""
    phrase = speech()[int(8.3 * SAMPLE_RATE) : int(10.3 * SAMPLE_RATE)]
    return np.tile(phrase, int(seconds / 2))


def silence(seconds):
    return np.zeros(int(seconds * SAMPLE_RATE), dtype=np.float32)


@pytest.mark.model
def test_speech_is_shown_while_it_is_spoken_and_then_stays(base):
    talk = Talk(base).say(speech()).say(silence(1)).finish()
    said = "And so my fellow Americans ask not what your country can do for you ask what you can do for your country"
    assert word_errors(said, talk.text).rate < 0.1
    kinds = [type(event) for event in talk.events]
    assert kinds.index(SpeechStarted) < kinds.index(Partial) < kinds.index(Checkpoint)
    assert SpeechEnded in kinds
    assert [segment.index for segment in talk.finals] == list(range(len(talk.finals)))
    words = [word for segment in talk.finals for word in segment.words]
    assert all(one.start <= other.start for one, other in zip(words, words[1:], strict=False))
    assert talk.live.position == pytest.approx(talk.live.heard)


@pytest.mark.model
def test_the_language_is_found_and_fixed(base):
    talk = Talk(base, TranscribeOptions()).say(speech()).finish()
    assert {segment.language for segment in talk.finals} == {"en"}
    last = [event for event in talk.events if isinstance(event, Checkpoint)][-1]
    assert last.language == "en"
    assert last.language_probability > 0.8


def test_what_is_stable_begins_the_final():
    talk = Talk(ScriptedEngine()).say(endless(30)).finish()
    stable = {}
    for event in talk.events:
        if isinstance(event, Partial):
            assert event.stable.startswith(stable.get(event.index, ""))
            stable[event.index] = event.stable
    assert any(stable.values())
    for segment in talk.finals:
        assert segment.text.startswith(stable.get(segment.index, ""))


def test_no_work_is_bounded_by_how_long_somebody_talks():
    talk = Talk(ScriptedEngine()).say(endless(132))
    assert max(talk.windows) <= 15.0
    assert talk.live.heard - talk.live.position < 2 * LONGEST
    first, last = talk.windows[: len(talk.windows) // 5], talk.windows[-len(talk.windows) // 5 :]
    assert np.mean(last) < 1.5 * np.mean(first) + 1


def test_silence_is_not_read():
    talk = Talk(ScriptedEngine()).say(silence(90)).finish()
    assert talk.windows == []
    assert talk.finals == []
    assert talk.live.position == pytest.approx(90, abs=0.1)
    assert [event.position for event in talk.events] == sorted(event.position for event in talk.events)


def test_going_on_after_a_break_loses_and_doubles_nothing(base):
    whole = Talk(base).say(speech()).finish()
    cut = [event for event in whole.events if isinstance(event, Checkpoint) and event.segments][1]
    place = round(cut.position * SAMPLE_RATE)
    rest = Talk(base, start=cut.position, first_index=2, language="en", context="Ask not")
    rest.live.warm_up(speech()[:place])
    rest.say(speech()[place:]).finish()
    assert [segment.index for segment in rest.finals] == list(range(2, len(whole.finals)))
    later = " ".join(segment.text for segment in whole.finals[2:])
    assert word_errors(later, rest.text).rate < 0.1
    assert rest.finals[0].start >= cut.position - 0.5


def test_an_engine_that_fails_costs_one_utterance():
    live = LiveTranscriber(ENGLISH, languages=frozenset({"en"}))
    engine, failed, events = ScriptedEngine(), 0, []
    for begin in range(0, len(speech()), BLOCK):
        events += live.feed(speech()[begin : begin + BLOCK], 0.0)
        while work := live.begin(0.0):
            if work.window.start < 2.0 and failed < 50:
                failed += 1
                events += live.fail(work, 0.0)
                break
            events += live.complete(work, perform([work], engine)[0], 0.0)
    events += live.finish(0.0)
    while work := live.begin(0.0):
        events += live.complete(work, perform([work], engine)[0], 0.0)
    assert live.is_done
    assert any(event.segments for event in events if isinstance(event, Checkpoint))


def test_a_pause_settles_what_was_said():
    talk = Talk(ScriptedEngine()).say(speech()[: 2 * SAMPLE_RATE])
    talk.events += talk.live.pause(talk.now)
    assert talk.live.urgency(talk.now) in {Urgency.FINAL, Urgency.IDLE}
    for _ in range(10):
        talk.now += 0.1
        talk.work()
    assert talk.finals


def test_another_language_holds_from_the_next_utterance():
    talk = Talk(ScriptedEngine()).say(speech()[: 3 * SAMPLE_RATE])
    talk.live.configure("de")
    talk.say(speech()[3 * SAMPLE_RATE :]).finish()
    assert [segment.language for segment in talk.finals][0] == "en"
    assert [segment.language for segment in talk.finals][-1] == "de"
    with pytest.raises(UnsupportedLanguage):
        talk.live.configure("tlh")


def test_each_utterance_is_told_to_be_settled_once_after_its_text():
    talk = Talk(ScriptedEngine()).say(speech()).say(silence(1)).say(endless(30)).finish()
    started = [event.at for event in talk.events if isinstance(event, SpeechStarted)]
    assert [event.at for event in talk.events if isinstance(event, UtteranceSettled)] == started
    assert len(started) > 1
    last = max(i for i, event in enumerate(talk.events) if isinstance(event, Checkpoint) and event.segments)
    assert isinstance(talk.events[last + 1], UtteranceSettled)


def test_what_is_discarded_is_never_read():
    talk = Talk(ScriptedEngine()).say(speech()[: 2 * SAMPLE_RATE])
    talk.live.discard()
    talk.say(silence(0.1)).say(speech()[8 * SAMPLE_RATE :]).finish()
    assert talk.finals
    assert min(word.start for segment in talk.finals for word in segment.words) >= 2.0
