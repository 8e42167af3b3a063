"""What a thread of the engine makes of a window."""

from dataclasses import replace

import numpy as np

from tests.speech.test_guards import GOOD, LOOP, OPTIONS, Recorded
from transcription.speech.guards import TEMPERATURES
from transcription.speech.live_work import Work, perform
from transcription.speech.types import SAMPLE_RATE, Window
from transcription.speech.windows import Cut, Span

CUT = Cut(Window(11.0, np.zeros(8 * SAMPLE_RATE, dtype=np.float32)), (Span(11.0, 19.0),))


def test_a_quick_reading_that_loops_is_shown_up_to_there():
    looping = replace(GOOD, text="We will see. " + "on the beaches and " * 5, compression_ratio=3.0)
    (outcome,) = perform([Work(False, CUT, OPTIONS)], Recorded(looping))
    assert (outcome.reading.hypothesis.text, outcome.reading.doubt) == ("We will see. on the beaches and", "")


def test_a_quick_reading_that_is_a_guess_is_doubted():
    (outcome,) = perform([Work(False, CUT, OPTIONS)], Recorded(replace(GOOD, avg_logprob=-1.2)))
    assert outcome.reading.doubt == "unsure"


def test_only_what_is_to_stay_is_tried_again():
    engine = Recorded(LOOP)
    (outcome,) = perform([Work(False, CUT, OPTIONS, full=True)], engine)
    assert (outcome.reading.doubt, len(engine.asked)) == ("loop", 1)
    engine = Recorded(LOOP, *[LOOP] * len(TEMPERATURES))
    (outcome,) = perform([Work(True, CUT, OPTIONS, full=True)], engine)
    assert (outcome.reading.doubt, len(engine.asked)) == ("loop", 1 + len(TEMPERATURES))
