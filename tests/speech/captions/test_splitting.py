import time
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.speech.captions.speech import document, odd_texts, spoken, untimed, word_streams, words_of
from transcription.speech.captions import check, split
from transcription.speech.captions.characters import clean, is_visible, width
from transcription.speech.captions.rules import label_of
from transcription.speech.types import Segment, Word

SENTENCES = {
    "en": (
        "And so, my fellow Americans, ask not what your country can do for you, ask what you can do for your country.",
        [
            ["And so, my fellow Americans,"],
            ["ask not what your country can do for you,", "ask what you can do for your country."],
        ],
    ),
    "de": (
        "Der Bundestag hat am 3. Oktober beschlossen, dass die neue Regelung für alle Bürgerinnen und Bürger in den "
        "nächsten Jahren gelten wird, obwohl viele Abgeordnete dagegen gestimmt haben.",
        [
            ["Der Bundestag hat am 3. Oktober", "beschlossen, dass die neue Regelung"],
            ["für alle Bürgerinnen und Bürger", "in den nächsten Jahren gelten wird,"],
            ["obwohl viele Abgeordnete", "dagegen gestimmt haben."],
        ],
    ),
    "fr": (
        "Le président de la République a déclaré hier que les négociations avec les partenaires européens seraient "
        "longues, mais qu'il était convaincu de pouvoir trouver un accord.",
        [
            ["Le président", "de la République a déclaré hier"],
            ["que les négociations avec les partenaires", "européens seraient longues,"],
            ["mais qu'il était convaincu", "de pouvoir trouver un accord."],
        ],
    ),
    "es": (
        "El presidente del gobierno ha anunciado que las nuevas medidas entrarán en vigor a partir del próximo lunes, "
        "aunque la oposición no está de acuerdo con ellas.",
        [
            ["El presidente del gobierno ha anunciado"],
            ["que las nuevas medidas entrarán", "en vigor a partir del próximo lunes,"],
            ["aunque la oposición no está de acuerdo", "con ellas."],
        ],
    ),
    "pt": (
        "O presidente da câmara disse que a nova ponte sobre o rio vai ser aberta ao público antes do fim do ano, "
        "mas que as obras ainda não estão concluídas.",
        [
            ["O presidente da câmara disse", "que a nova ponte"],
            ["sobre o rio vai ser aberta", "ao público antes do fim do ano,"],
            ["mas que as obras ainda", "não estão concluídas."],
        ],
    ),
}
UNSPACED = {
    "ja": (
        "今日はとても天気がいいので、みんなで公園に行ってお弁当を食べました。それから図書館で本を三冊借りて、家に帰りました。",
        [
            ["今日はとても天気がいいので、"],
            ["みんなで公園に", "行ってお弁当を食べました。"],
            ["それから図書館で本を三冊借りて、", "家に帰りました。"],
        ],
    ),
    "zh": (
        "我们今天要讨论的是人工智能对教育的影响，特别是在大学里，学生们怎么使用Transformers模型来学习新的知识。",
        [
            ["我们今天要讨论的是人工智能对", "教育的影响，特别是在大学里，"],
            ["学生们怎么使用Transformers", "模型来学习新的知识。"],
        ],
    ),
}


def lines_of(cues):
    return [list(cue.lines) for cue in cues]


def text_of(segments):
    return words_of("".join(clean(segment.text) for segment in segments))


@pytest.mark.parametrize("language", SENTENCES)
def test_lines_of_a_sentence(language):
    text, expected = SENTENCES[language]
    cues = split([spoken(text, language=language)])
    assert lines_of(cues) == expected
    assert check(cues) == []


@pytest.mark.parametrize("language", UNSPACED)
def test_lines_of_a_script_without_spaces(language):
    text, expected = UNSPACED[language]
    cues = split([untimed(text, end=len(text) / 5, language=language)])
    assert lines_of(cues) == expected
    assert check(cues) == []


def test_lines_of_korean_break_at_spaces():
    text = "오늘은 날씨가 아주 좋아서 우리는 공원에 가서 점심을 먹고 도서관에서 책을 빌렸습니다."
    cues = split([spoken(text, language="ko", rate=5.0)])
    assert " ".join(line for cue in cues for line in cue.lines) == text
    assert check(cues) == []


def test_names_and_titles_stay_together():
    text = "The new secretary of the committee for trade is Mr. John Fitzgerald and he lives here."
    assert lines_of(split([spoken(text)])) == [
        ["The new secretary of the committee"],
        ["for trade is Mr. John Fitzgerald", "and he lives here."],
    ]


def test_short_sentences_share_a_caption_and_long_ones_do_not():
    cues = split([spoken("Yes. I know. He was standing in front of the old house. Nobody else was there that night.")])
    assert lines_of(cues) == [
        ["Yes. I know."],
        ["He was standing in front of the old house."],
        ["Nobody else was there that night."],
    ]


def test_caption_is_not_kept_over_a_pause():
    before, after = spoken("Well then."), spoken("Goodbye to all of you.", start=4.0, index=1)
    cues = split([before, after])
    assert lines_of(cues) == [["Well then."], ["Goodbye to all of you."]]
    assert cues[0].end == round(before.end + 0.5, 3)


def test_lone_short_word_stays_a_second_and_is_reported():
    cues = split([Segment(0, 3.0, 3.2, "Yes.", "en", (Word(3.0, 3.2, " Yes.", 0.9),))])
    assert [(cue.start, cue.end) for cue in cues] == [(3.0, 4.0)]
    assert [(v.index, v.code, v.severity, v.measured, v.limit) for v in check(cues)] == [
        (0, "lingers", "warning", 0.8, 0.5)
    ]


def test_speech_too_fast_to_read_is_complete_and_reported():
    text = SENTENCES["en"][0]
    cues = split([spoken(text, rate=30.0)])
    assert " ".join(line for cue in cues for line in cue.lines) == text
    assert [(v.index, v.code, v.severity) for v in check(cues)] == [
        (0, "reading_too_fast", "error"),
        (1, "reading_too_fast", "error"),
    ]


def test_caption_follows_the_words_and_not_the_segment():
    segment = Segment(0, 0.0, 9.0, "late words", "en", (Word(5.0, 5.6, " late", 1.0), Word(5.6, 6.5, " words", 1.0)))
    assert [(cue.start, cue.end) for cue in split([segment])] == [(5.0, 7.0)]


def test_caption_follows_a_segment_whose_times_a_person_set():
    segment = Segment(0, 4.0, 8.0, "late words", "en", (Word(5.0, 5.6, " late", 1.0), Word(5.6, 6.5, " words", 1.0)))
    assert [(cue.start, cue.end) for cue in split([replace(segment, is_placed=True)])] == [(4.0, 8.5)]


def test_edited_text_without_matching_words_is_spread_over_the_segment():
    segment = Segment(0, 2.0, 6.0, "entirely new", "en", (Word(2.0, 3.0, " old", 1.0),))
    assert [(cue.start, cue.end, cue.text) for cue in split([segment])] == [(2.0, 6.5, "entirely new")]


def test_speakers_never_share_a_caption():
    cues = split(
        [
            spoken("Are you there?", speaker="Ann\nB"),
            spoken("I am.", start=1.4, index=1, speaker="Bo"),
            spoken("Good.", start=2.4, index=2, speaker="Bo"),
        ]
    )
    assert [(cue.speaker, cue.text) for cue in cues] == [("Ann B", "Are you there?"), ("Bo", "I am. Good.")]


def test_first_line_leaves_room_for_the_name_of_the_speaker():
    talk = [spoken(SENTENCES["en"][0], speaker="Kennedy")]
    assert [cue.written(labels=True) for cue in split(talk, labels=True)] == [
        ("Kennedy: And so, my fellow Americans,",),
        ("ask not what your country can do for you,", "ask what you can do for your country."),
    ]
    assert [violation.code for violation in check(split(talk, labels=True), labels=True)] == []


def test_name_of_the_speaker_is_read_too():
    text = "Thank you all for coming. I know that you have waited for a long time."
    talk = [spoken(text, speaker="Bartholomew Smith"), spoken("Yes.", start=4.5, index=1, speaker="Bo")]
    found = [(v.code, v.severity) for v in check(split(talk, labels=True), labels=True)]
    assert found == [("reading_fast", "warning"), ("lingers", "warning")]


def test_speaker_is_named_where_a_turn_begins():
    said = [("Ann", "Are you there? I have been waiting."), ("Bo", "I am."), ("", "Somebody coughs."), ("Bo", "Sorry!")]
    talk = [spoken(text, start=8.0 * n, index=n, speaker=name) for n, (name, text) in enumerate(said * 2)]
    talk.insert(1, spoken("All the time.", start=5.0, index=9, speaker="Ann"))
    for cues in (split(talk, labels=True), document(*talk, is_captioned=True).cues(labels=True)):
        turns = [cue for before, cue in pairwise([None, *cues]) if not before or before.speaker != cue.speaker]
        assert [cue for cue in cues if cue.begins_turn] == turns
        assert len(turns) < len(cues)
        assert all(cue.written(labels=True)[0].startswith(label_of(cue.speaker)) for cue in turns)
        assert all(cue.written(labels=True) == cue.lines for cue in cues if cue not in turns)


@given(word_streams(), st.lists(st.text("abc ", max_size=25), min_size=1, max_size=3))
@settings(max_examples=30, deadline=None)
def test_captions_with_names_fit(segments, names):
    segments = [replace(segment, speaker=names[n % len(names)]) for n, segment in enumerate(segments)]
    cues = split(segments, labels=True)
    assert words_of("".join(cue.text for cue in cues)) == text_of(segments)
    assert {v.code for v in check(cues, labels=True)} & {"line_too_long", "too_many_lines", "overlap"} == set()


def test_words_with_broken_times_still_give_ordered_captions():
    times = [(5.0, 4.0), (float("nan"), float("inf")), (1.0, 1.0), (-3.0, 2.0)] * 20
    words = tuple(Word(start, end, f" word{n}", 0.5) for n, (start, end) in enumerate(times))
    cues = split([Segment(0, 0.0, 1.0, "".join(word.text for word in words), "en", words)])
    assert " ".join(line for cue in cues for line in cue.lines) == " ".join(f"word{n}" for n in range(80))
    assert all(a.start < a.end <= b.start for a, b in pairwise(cues))


def test_nothing_said_gives_no_captions():
    assert split([]) == []
    assert split([untimed(" \n\t "), untimed("\u200b")]) == []


@given(word_streams())
@settings(max_examples=40, deadline=None)
def test_every_caption_of_natural_speech_keeps_the_rules(segments):
    cues = split(segments)
    assert words_of("".join(cue.text for cue in cues)) == text_of(segments)
    assert [(v.index, v.code) for v in check(cues) if v.severity == "error"] == []


@given(word_streams(slowest=16.0, fastest=40.0))
@settings(max_examples=30, deadline=None)
def test_fast_speech_breaks_only_the_rules_of_speed_and_time(segments):
    cues = split(segments)
    assert words_of("".join(cue.text for cue in cues)) == text_of(segments)
    assert {v.code for v in check(cues) if v.severity == "error"} <= {"reading_too_fast", "too_short"}


@given(
    st.lists(odd_texts, max_size=6),
    st.sampled_from(["en", "de", "zh", "ja", "ko", "th", "ar", ""]),
    st.floats(0, 1000),
    st.floats(0, 30),
)
@settings(max_examples=100, deadline=None)
def test_odd_text_is_kept_whole_and_fits(texts, language, start, length):
    segments = [
        untimed(text, start=start + length * n, end=start + length * (n + 1), language=language, index=n)
        for n, text in enumerate(texts)
    ]
    cues = split(segments)
    kept = "".join(part for segment in segments for part in clean(segment.text).split() if is_visible(part))
    assert words_of("".join(cue.text for cue in cues)) == kept
    assert {v.code for v in check(cues)} & {"line_too_long", "too_many_lines", "overlap", "too_long"} == set()
    assert all(line.strip() == line != "" for cue in cues for line in cue.lines)
    assert all(width(line, language) > 0 for cue in cues for line in cue.lines)
    assert all(a.start < a.end <= b.start < b.end for a, b in pairwise(cues))


def test_long_transcript_is_split_quickly():
    text = SENTENCES["en"][0]
    segments = [spoken(text, start=n * 8.4, index=n) for n in range(1_000)]
    started = time.perf_counter()
    cues = split(segments)
    assert time.perf_counter() - started < 10
    assert len(cues) == 2 * len(segments)
