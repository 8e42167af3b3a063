from dataclasses import replace

import pytest

from transcription.speech.captions import Cue, check, rules_for


def cue(*lines, start=0.0, end=2.0, speech_start=None, speech_end=None, language="en"):
    return Cue(
        start,
        end,
        lines,
        language,
        start if speech_start is None else speech_start,
        end if speech_end is None else speech_end,
    )


@pytest.mark.parametrize(
    ("faulty", "code", "severity", "measured", "limit"),
    [
        (cue("x" * 43, end=4.0), "line_too_long", "error", 43, 42),
        (cue("字" * 17, end=4.0, language="zh"), "line_too_long", "error", 17, 16),
        (cue("one", "two", "three"), "too_many_lines", "error", 3, 2),
        (cue("x" * 35), "reading_fast", "warning", 17.5, 17),
        (cue("x" * 41), "reading_too_fast", "error", 20.5, 20),
        (cue("brief", end=0.999), "too_short", "error", 0.999, 1),
        (cue("long", end=7.001), "too_long", "error", 7.001, 7),
        (cue("late", speech_start=-0.25), "late_start", "error", 0.25, 0),
        (cue("stays", end=3.0, speech_end=2.4), "lingers", "warning", 0.6, 0.5),
        (cue("he opened the", "door"), "torn_words", "warning", 1, 0),
    ],
)
def test_check_of_a_single_cue(faulty, code, severity, measured, limit):
    found = [(v.index, v.code, v.severity, v.measured, v.limit) for v in check([faulty])]
    assert found == [(0, code, severity, measured, limit)]


@pytest.mark.parametrize(
    ("following", "code", "measured"),
    [
        (cue("after it", start=2.079, end=4.0), "gap_too_short", 0.079),
        (cue("after it", start=1.9, end=4.0), "overlap", 0.1),
        (cue("door is open", start=2.1, end=4.0), "torn_words", 1),
    ],
)
def test_check_between_cues(following, code, measured):
    before = cue("he opened the") if code == "torn_words" else cue("he opened it.")
    assert [(v.index, v.code, v.measured) for v in check([before, following])] == [(0, code, measured)]


def test_check_of_cues_at_the_limits():
    assert check([cue("x" * 34), cue("x" * 42, "x" * 42, start=2.08, end=9.08, speech_end=8.58)]) == []


def test_check_reports_in_the_order_of_the_cues():
    cues = [cue("brief", end=0.5), cue("x" * 41, start=0.52, end=2.52), cue("brief", start=3, end=3.5)]
    assert [(v.index, v.code) for v in check(cues)] == [
        (0, "too_short"),
        (0, "gap_too_short"),
        (1, "reading_too_fast"),
        (2, "too_short"),
    ]


def test_name_of_the_speaker_is_measured_where_it_stands():
    named = replace(cue("x" * 30), speaker="Bob")
    goes_on = replace(named, begins_turn=False, start=2.1, end=4.1, speech_start=2.1, speech_end=4.1)
    assert [(v.index, v.code, v.measured) for v in check([named, goes_on], labels=True)] == [(0, "reading_fast", 17.5)]
    assert check([named, goes_on]) == []


def test_violation_message_is_a_sentence_for_users():
    assert check([cue("x" * 41)])[0].message == "20.5 characters a second is too fast to read; at most 20."


@pytest.mark.parametrize(("language", "width"), [("en", 42), ("ar", 42), ("", 42), ("th", 35), ("ja", 16), ("ko", 16)])
def test_line_width_of_a_language(language, width):
    assert rules_for(language).line_width == width
