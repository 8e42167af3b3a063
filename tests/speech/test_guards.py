"""Guards over made-up hypotheses."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from transcription.speech.engines.scripted import ScriptedEngine
from transcription.speech.errors import Cancelled
from transcription.speech.guards import TEMPERATURES, heard, invented, read, tripped
from transcription.speech.types import SAMPLE_RATE, DecodeOptions, Hypothesis, Window, Word
from transcription.speech.windows import Cut, Span

CUT = Cut(Window(10.0, np.zeros(10 * SAMPLE_RATE, dtype=np.float32)), (Span(11.0, 13.0), Span(15.0, 19.0)))
OPTIONS = DecodeOptions(language="en")
WORDS = (
    Word(11.0, 12.0, " It", 0.9),
    Word(12.0, 13.0, " is", 0.9),
    Word(15.1, 16.0, " a", 0.9),
    Word(16.2, 17.5, " fine", 0.9),
    Word(17.6, 18.9, " day.", 0.9),
)
GOOD = Hypothesis("It is a fine day.", "en", WORDS, avg_logprob=-0.2, compression_ratio=0.9)
LOOP = replace(GOOD, text="on and on and on and on", compression_ratio=3.0)


class Recorded(ScriptedEngine):
    """Answers call after call from a list, and remembers how it was asked."""

    def __init__(self, *answers: Hypothesis) -> None:
        super().__init__()
        self.answers = list(answers)
        self.asked: list[DecodeOptions] = []
        self.windows: list[Window] = []

    def transcribe(self, windows: Sequence[Window], options: DecodeOptions) -> list[Hypothesis]:
        self.asked.append(options)
        self.windows += windows
        return [self.answers.pop(0) for _ in windows]


@pytest.mark.parametrize(
    ("hypothesis", "guard"),
    [
        (GOOD, ""),
        (replace(GOOD, text=""), ""),
        (LOOP, "loop"),
        (replace(GOOD, text="no no no way " * 6), "loop"),
        (replace(GOOD, tokens=tuple(range(78))), "endless"),
        (replace(GOOD, tokens=tuple(range(77))), ""),
        (replace(GOOD, avg_logprob=-1.1), "unsure"),
    ],
)
def test_tripped_names_the_guard(hypothesis, guard):
    assert tripped(hypothesis, CUT, OPTIONS) == guard


@pytest.mark.parametrize(("tokens", "guard"), [(21, ""), (22, "endless")])
def test_less_speech_has_less_text(tokens, guard):
    cut = replace(CUT, window=replace(CUT.window, speech_seconds=2.0))
    assert tripped(replace(GOOD, tokens=tuple(range(tokens))), cut, OPTIONS) == guard


@pytest.mark.parametrize(
    ("no_speech", "logprob", "probability", "expected"),
    [(0.9, -1.2, 0.9, True), (0.9, -0.5, 0.1, True), (0.9, -0.5, 0.9, False), (0.1, -1.2, 0.1, False)],
)
def test_invented_needs_silence_and_a_guess(no_speech, logprob, probability, expected):
    words = (Word(11.0, 12.0, " you", probability),)
    assert invented(Hypothesis("you", "en", words, avg_logprob=logprob, no_speech_prob=no_speech)) is expected


def test_heard_drops_words_over_silence_and_draws_in_the_others():
    words = [Word(10.0, 10.5, " Hm", 0.9), Word(10.6, 11.5, " It", 0.9), Word(13.5, 14.5, " you", 0.9)]
    assert heard(words, CUT.speech) == (Word(10.9, 11.5, " It", 0.9),)


def test_heard_keeps_a_word_in_a_short_pause_as_it_is():
    word = Word(14.8, 14.9, " a", 0.9)
    assert heard([word], CUT.speech) == (word,)


def test_read_good_hypothesis_is_decoded_once():
    engine = Recorded(GOOD)
    (reading,) = read([CUT], engine, OPTIONS, lambda: False)
    assert (reading.hypothesis.words, reading.doubt) == (GOOD.words, "")
    assert engine.asked == [OPTIONS]


def test_read_loop_is_decoded_again_with_full_context_until_it_passes():
    engine = Recorded(LOOP, LOOP, GOOD)
    (reading,) = read([CUT], engine, OPTIONS, lambda: False)
    assert (reading.hypothesis.text, reading.doubt) == (GOOD.text, "")
    assert [(asked.full_context, asked.temperature) for asked in engine.asked] == [
        (False, 0.0),
        (True, 0.0),
        (True, 0.2),
    ]


def test_read_only_doubtful_windows_are_decoded_again():
    engine = Recorded(GOOD, LOOP, GOOD)
    assert [reading.doubt for reading in read([CUT, CUT], engine, OPTIONS, lambda: False)] == ["", ""]
    assert len(engine.asked) == 2


def test_read_what_stays_doubtful_is_kept_and_named():
    unsure = replace(GOOD, avg_logprob=-1.5)
    engine = Recorded(LOOP, *[replace(unsure, avg_logprob=-2.0)] * 3, unsure, *[LOOP] * (len(TEMPERATURES) - 4))
    (reading,) = read([CUT], engine, OPTIONS, lambda: False)
    assert (reading.hypothesis.avg_logprob, reading.doubt) == (-1.5, "unsure")


def test_read_text_of_a_silent_window_is_dropped_without_another_try():
    engine = Recorded(replace(LOOP, no_speech_prob=0.9, avg_logprob=-1.5))
    (reading,) = read([CUT], engine, OPTIONS, lambda: False)
    assert (reading.hypothesis.text, reading.hypothesis.words, len(engine.asked)) == ("", (), 1)


def test_read_stopped_between_tries_raises():
    with pytest.raises(Cancelled):
        read([CUT], Recorded(LOOP), OPTIONS, lambda: True)


HALF = replace(GOOD, text="It is", words=WORDS[:2])
REST = replace(GOOD, text="a fine day.", words=WORDS[2:])


def test_read_what_was_left_out_at_the_end_is_read_by_itself():
    engine = Recorded(HALF, REST)
    (reading,) = read([CUT], engine, OPTIONS, lambda: False)
    assert (reading.hypothesis.text, reading.hypothesis.words, reading.doubt) == (GOOD.text, WORDS, "")
    assert [(window.start, window.end, window.prompt) for window in engine.windows] == [
        (10.0, 20.0, ""),
        (14.0, 20.0, "It is"),
    ]


def test_read_words_of_a_translation_do_not_tell_what_was_left_out():
    engine = Recorded(HALF)
    (reading,) = read([CUT], engine, replace(OPTIONS, task="translate"), lambda: False)
    assert (reading.hypothesis.words, len(engine.asked)) == (WORDS[:2], 1)


def test_read_what_was_left_out_before_a_word_is_read_in_two_parts():
    engine = Recorded(replace(GOOD, text="It day.", words=(WORDS[0], WORDS[-1])), HALF, REST)
    (reading,) = read([CUT], engine, OPTIONS, lambda: False)
    assert (reading.hypothesis.words, len(engine.asked)) == (WORDS, 3)


@pytest.mark.parametrize(
    "rest",
    [
        replace(REST, avg_logprob=-1.5),
        replace(REST, words=tuple(replace(word, probability=0.2) for word in REST.words)),
        replace(REST, text="", words=()),
    ],
)
def test_read_what_was_left_out_stays_out_when_it_is_a_guess(rest):
    (reading,) = read([CUT], Recorded(HALF, rest), OPTIONS, lambda: False)
    assert (reading.hypothesis.words, reading.doubt) == (WORDS[:2], "")
