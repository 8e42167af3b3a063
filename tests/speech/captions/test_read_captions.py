import codecs

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.speech.captions.foreign import read_with_ffmpeg
from tests.speech.captions.speech import document, odd_texts, spoken, untimed, word_streams
from transcription.speech.captions import export, read_captions
from transcription.speech.captions.read_captions import LARGEST_FILE, MOST_CAPTIONS
from transcription.speech.errors import CaptionFileError

SRT = """1
00:00:01,000 --> 00:00:03,400
Good morning,
<i>everybody</i>.

2
00:00:04,000 --> 00:00:06,000
{\\an8}Ä € ß: naïve <font color="red">café</font>
"""
VTT = """WEBVTT - A talk

STYLE
::cue { color: red }

NOTE a comment

first
00:01.000 --> 00:03.400 align:start position:10%
<v.loud Ann &amp; Bo>Good <b>morning</b>,
everybody.</v>

01:00:04.000 --> 01:00:06.000
<v Ann>Yes. <v Bo>No &lt;b&gt;.
"""


def read(text, **options):
    return [(s.start, s.end, s.text) for s in read_captions(text.encode(), **options)]


def refusal(content, **options):
    with pytest.raises(CaptionFileError) as raised:
        read_captions(content if isinstance(content, bytes) else content.encode(), **options)
    return raised.value.message


def cue(start, end, text="Words"):
    return f"1\n{start} --> {end}\n{text}\n\n"


def test_srt_without_its_formatting():
    assert read(SRT) == [
        (1.0, 3.4, "Good morning,\neverybody."),
        (4.0, 6.0, "Ä € ß: naïve café"),
    ]


def test_vtt_with_its_speakers():
    found = read_captions(VTT.encode(), language="en")
    assert [(s.index, s.start, s.end, s.text, s.speaker, s.language) for s in found] == [
        (0, 1.0, 3.4, "Good morning,\neverybody.", "Ann & Bo", "en"),
        (1, 3604.0, 3606.0, "Yes.", "Ann", "en"),
        (2, 3604.0, 3606.0, "No <b>.", "Bo", "en"),
    ]


@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\n"])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (b"", "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (b"", "cp1252"),
    ],
)
def test_every_encoding_that_editors_write(mark, encoding, line_end):
    content = mark + SRT.replace("\n", line_end).encode(encoding)
    assert [s.text for s in read_captions(content)] == ["Good morning,\neverybody.", "Ä € ß: naïve café"]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Сегодня мы говорим о погоде и о том, что будет завтра.", "cp1251"),
        ("Dnes budeme mluvit o počasí, protože zítra přijde déšť a příští týden slunce.", "cp1250"),
        ("今日はとても天気がいいので、みんなで公園に行ってお弁当を食べました。", "cp932"),
        ("我们今天要讨论的是人工智能对教育的影响，特别是在大学里。", "gb18030"),
        ("오늘은 날씨가 아주 좋아서 우리는 공원에 가서 점심을 먹었습니다.", "cp949"),
    ],
)
def test_code_pages_are_told_apart(text, encoding):
    content = "".join(cue(f"00:00:{n:02},000", f"00:00:{n + 1:02},000", text) for n in range(10)).encode(encoding)
    assert [s.text for s in read_captions(content)] == [text] * 10


def test_habits_of_editors_are_forgiven():
    text = "\n\n\n5\n0:0:1.500 --> 0:0:2.500\n\n  Blank above \n\n\n\n9\n"
    text += "00:00:03,000-->00:00:04,000  X1:10\nNo blank at the end"
    assert read(text) == [(1.5, 2.5, "Blank above"), (3.0, 4.0, "No blank at the end")]


@pytest.mark.parametrize("space", [" ", "\t", "\u00a0", " \n ", "&nbsp;"])
def test_line_of_space_ends_no_vtt_caption(space):
    """YouTube's automatic captions begin so."""
    text = f"WEBVTT\n\n00:01.000 --> 00:02.000\nfirst line\n{space}\nthird line\n\n"
    text += f"00:03.000 --> 00:04.000\n{space}\nonly after\n{space}\n\n00:05.000 --> 00:06.000\nx\n"
    expected = [(1.0, 2.0, "first line\nthird line"), (3.0, 4.0, "only after"), (5.0, 6.0, "x")]
    assert read(text) == expected
    assert read(text.replace("\n", "\r\n")) == expected


@pytest.mark.parametrize("name", ["", "second\n"])
def test_line_of_space_between_vtt_captions_is_forgiven(name):
    text = f"WEBVTT\n \n00:01.000 --> 00:02.000\nOne\n \n{name}00:03.000 --> 00:04.000\nTwo\n"
    assert read(text) == [(1.0, 2.0, "One"), (3.0, 4.0, "Two")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "This file is empty."),
        (b" \n\t\r\n", "This file is empty."),
        (
            b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
            "This file is not text. Choose a file of captions that ends in .srt or .vtt.",
        ),
        (b"\xff\xfe\x00\xd8", "This file cannot be read as text: it may be damaged. Save it as UTF-8 and try again."),
        ("Once upon a time.", "This is not a file of SubRip or WebVTT captions."),
        ("9" * 100, "This is not a file of SubRip or WebVTT captions."),
        ("<html><body>Please sign in</body></html>", "This is not a file of SubRip or WebVTT captions."),
        ("WEBVTT\n", "There is no caption in this file."),
        (cue("00:00:01,000", "00:00:02,000", "<i></i>"), "There is no caption in this file."),
        ("WEBVTT\n\n00:00:01 --> 00:00:02\nx\n", "A caption in this WebVTT file cannot be read. Check the times."),
        (
            cue("00:00:01,000", "00:00:02,000") + "oops\n00:00 -> 00:00:05\nx",
            "The caption after number 1 cannot be read.",
        ),
        (cue("00:00:05,000", "00:00:04,000"), "Caption 1 ends before it starts, at 00:00:05."),
        (
            cue("00:00:05,000", "00:00:06,000") + cue("00:00:01,000", "00:00:02,000"),
            "Caption 2 starts before the one above it: the times go back at 00:00:05.",
        ),
        (cue("00:00:05,000", "99:00:06,000"), "Caption 1 would be shown for more than a day."),
        (cue("00:00:05,000", "00:00:06,000", "x" * 10_001), "Caption 1 has more than 10,000 characters."),
        (b"x" * (LARGEST_FILE + 1), "This file is larger than 8 MB: it cannot be one of captions."),
    ],
)
def test_wrong_file_is_told_what_is_wrong(content, message):
    assert refusal(content) == message


def test_captions_of_another_recording_are_refused():
    text = cue("00:00:01,000", "00:01:04,000")
    assert len(read(text, duration=60.0)) == 1
    assert refusal(text, duration=50.0) == (
        "Caption 1 ends at 00:01:04, after the end of the recording (00:00:50). Are these its captions?"
    )


def test_too_many_captions_are_refused():
    many = "".join(f"{n}\n00:00:01,000 --> 00:00:02,000\nx\n\n" for n in range(MOST_CAPTIONS + 1))
    assert refusal(many) == "This file has more than 100,000 captions."


@pytest.mark.parametrize("content", ["\n" * 10**6, "1\n" * 10**6, " " * 10**6 + "1", "0:" * 10**6, "<i" * 10**6])
def test_hostile_text_takes_no_long_time(content):
    assert refusal(content) in {"This file is empty.", CaptionFileError.message}


# What was read is written as it was ---------------------------------------------------------------------------------

documents = st.one_of(
    st.lists(odd_texts, min_size=1, max_size=5).map(
        lambda texts: document(
            *(untimed(text, start=3.0 * n, end=3.0 * n + 2.9, index=n) for n, text in enumerate(texts))
        )
    ),
    word_streams().map(lambda segments: document(*segments)),
)


@pytest.mark.parametrize("format", ["srt", "vtt"])
@given(transcript=documents)
@settings(max_examples=60, deadline=None)
def test_import_then_export_gives_the_same_file(format, transcript):
    first = export(format, transcript).content
    assume(transcript.cues())
    try:
        imported = read_captions(first)
    except CaptionFileError as error:
        assume(error.message != "There is no caption in this file.")
        raise
    second = export(format, document(*imported, is_captioned=True)).content
    assert export(format, document(*read_captions(second), is_captioned=True)).content == second
    if format == "vtt" or b"<" not in first and b"{" not in first:  # in SubRip, a tag that was spoken is a tag
        assert second == first


@pytest.mark.parametrize(
    ("said", "imported"),
    [
        ("10 -> 20", "10 -> 20"),
        ("3->4", "3->4"),
        ("1.5 --> 2,5", "1.5 → 2,5"),
        ("1:2 -> 3", "1:2 -> 3"),
        ("From 10:30 ->11:45", "From 10:30 →11:45"),
        ("10:30 -> 11:45", "10:30 → 11:45"),
    ],
)
def test_own_file_of_numbers_with_an_arrow_is_read(said, imported):
    file = export("srt", document(untimed(said))).content
    assert [segment.text for segment in read_captions(file)] == [imported]


@pytest.mark.parametrize("format", ["srt", "vtt"])
def test_ffmpeg_reads_the_same_captions(format, tmp_path):
    talk = document(
        spoken("Good morning, everybody.", start=1.0, speaker="Ann"),
        spoken("R&D is 5 < 6, isn't it?", start=3.5, index=1, speaker="Ann"),
        untimed("שלום עולם", start=8.0, end=10.0, language="he", index=2, speaker="Bo"),
    )
    ann, bo = ("Ann: ", "Bo: ") if format == "srt" else ("", "")
    found = read_with_ffmpeg(export(format, talk), tmp_path)
    assert [(start, end) for start, end, _ in found] == [(c.start, c.end) for c in talk.cues(labels=format == "srt")]
    assert [text for _, _, text in found] == [
        f"{ann}Good morning, everybody.",
        "R&D is 5 < 6, isn't it?",  # of the same turn
        f"{bo}שלום עולם",
    ]
