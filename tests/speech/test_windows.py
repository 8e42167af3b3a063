"""The cutter on made-up probabilities: nothing that was speech may be lost, whatever the pattern."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transcription.speech.types import SAMPLE_RATE, Samples
from transcription.speech.vad import FRAME, FRAME_SECONDS
from transcription.speech.windows import LONGEST, MIN_SPEECH_FRAMES, ONSET, Cut, WindowCutter

SHORT_CONTEXT_SECONDS = 13.0
RUNS = st.lists(st.tuples(st.integers(1, 300), st.sampled_from([0.0, 0.2, 0.4, 0.6, 0.95])), max_size=30)


def cut(probabilities: np.ndarray, *, block: int = 100, start: float = 0.0) -> tuple[list[Cut], Samples, WindowCutter]:
    """The windows of a recording whose samples count up, so that each tells where it came from."""
    samples = np.arange(1, len(probabilities) * FRAME + 1, dtype=np.float32)
    cutter, cuts = WindowCutter(start=start), []
    for begin in range(0, len(probabilities), block):
        end = begin + block
        cuts += cutter.feed(samples[begin * FRAME : end * FRAME], probabilities[begin:end])
    return [*cuts, *cutter.finish()], samples, cutter


def frames(*runs: tuple[int, float]) -> np.ndarray:
    return np.concatenate([np.zeros(0), *(np.full(count, value) for count, value in runs)]).astype(np.float32)


@settings(deadline=None, max_examples=60)
@given(RUNS, st.integers(1, 500))
def test_cutter_any_pattern_keeps_every_run_of_speech(runs, block):
    probabilities = frames(*runs)
    cuts, samples, _ = cut(probabilities, block=block)
    covered = np.zeros(len(samples) + 1, dtype=bool)
    for each in cuts:
        covered[each.window.samples.astype(int)] = True
    loud = np.flatnonzero(np.diff((probabilities >= ONSET).astype(int), prepend=0, append=0)).reshape(-1, 2)
    for begin, end in loud:
        if end - begin >= MIN_SPEECH_FRAMES:
            assert covered[begin * FRAME + 1 : end * FRAME + 1].all()


@settings(deadline=None, max_examples=60)
@given(RUNS, st.integers(1, 500))
def test_cutter_any_pattern_gives_short_windows_in_order(runs, block):
    cuts, _, _ = cut(frames(*runs), block=block)
    assert all(each.window.duration <= SHORT_CONTEXT_SECONDS for each in cuts)
    assert all(before.window.end <= after.window.start + 1e-9 for before, after in pairwise(cuts))
    for each in cuts:
        assert each.window.samples[0] == round(each.window.start * SAMPLE_RATE) + 1
        assert all(
            each.window.start <= span.start < span.end <= each.window.end + FRAME_SECONDS for span in each.speech
        )


@settings(deadline=None, max_examples=60)
@given(RUNS, st.integers(1, 500))
def test_cutter_block_size_does_not_matter(runs, block):
    probabilities = frames(*runs)
    assert [each.speech for each in cut(probabilities, block=block)[0]] == [
        each.speech for each in cut(probabilities, block=max(1, len(probabilities)))[0]
    ]


def test_cutter_silence_gives_nothing_and_moves_on():
    cuts, _, cutter = cut(frames((1000, 0.1)))
    assert cuts == []
    assert cutter.position == pytest.approx(1000 * FRAME_SECONDS)


def test_cutter_click_alone_is_not_speech():
    assert cut(frames((100, 0.0), (MIN_SPEECH_FRAMES - 1, 0.9), (100, 0.0)))[0] == []


def test_cutter_long_speech_is_cut_in_its_longest_pause():
    cuts, _, _ = cut(frames((250, 0.9), (20, 0.1), (60, 0.9), (6, 0.1), (300, 0.9)))
    assert [round(each.window.start / FRAME_SECONDS) for each in cuts] == [0, 260]


def test_cutter_speech_without_pause_is_cut_where_it_is_least_likely():
    probabilities = np.full(600, 0.9, dtype=np.float32)
    probabilities[299:302] = 0.5
    assert cut(probabilities)[0][0].window.duration == pytest.approx(300 * FRAME_SECONDS)


def test_cutter_long_recording_holds_one_window_only():
    cutter, largest = WindowCutter(), 0
    for _ in range(1000):
        list(cutter.feed(np.ones(31 * FRAME, dtype=np.float32), np.full(31, 0.9, dtype=np.float32)))
        largest = max(largest, len(cutter._samples))
    assert largest <= (LONGEST + 2) * SAMPLE_RATE


def test_cutter_resumed_recording_counts_from_its_start():
    cuts, _, _ = cut(frames((100, 0.0), (50, 0.9), (100, 0.0)), start=60.0)
    assert cuts[0].speech[0].start == pytest.approx(60 + 100 * FRAME_SECONDS)
