from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.speech.captions.foreign import read_with_ffmpeg
from tests.speech.captions.speech import document, odd_texts, spoken, untimed
from transcription.speech.captions import export


def events(transcript, **options):
    text = export("ass", transcript, **options).content.decode()
    return [line for line in text.splitlines() if line.startswith("Dialogue: ")]


def test_event_has_times_name_and_text():
    talk = document(spoken("Are you there?", start=3661.5, speaker="Ann, B"), spoken("Yes.", start=3665.0, index=1))
    assert events(talk) == [
        "Dialogue: 0,1:01:01.50,1:01:03.05,Default,Ann  B,0,0,0,,Ann, B: Are you there?",
        "Dialogue: 0,1:01:05.00,1:01:06.00,Default,,0,0,0,,Yes.",
    ]
    assert events(talk, speakers=False)[0] == "Dialogue: 0,1:01:01.50,1:01:03.05,Default,,0,0,0,,Are you there?"


def test_text_is_no_command():
    assert events(document(untimed(r"{\an8}a\Nb {c}")))[0].endswith(",,\\{\\\u2060an8\\}a\\\u2060Nb \\{c\\}")


def test_line_of_a_language_from_the_right_begins_there():
    """Also where a Latin name or word begins it. In an unknown language the first letter tells."""
    talk = document(
        untimed("نتحدث اليوم عن ABC", language="ar", speaker="Ann"),
        untimed("ABC", language="he", start=6.0, end=8.0, index=1),
        untimed("שלום", language="", start=9.0, end=11.0, index=2),
    )
    assert [line.rpartition(",,")[2] for line in events(talk)] == [
        "\u200fAnn: نتحدث اليوم عن ABC",
        "\u200fABC",
        "שלום",
    ]


@given(st.lists(odd_texts, max_size=4))
@settings(max_examples=60, deadline=None)
def test_events_are_lines_in_order(texts):
    talk = document(*(untimed(text, start=3.0 * n, end=3.0 * n + 2.9, index=n) for n, text in enumerate(texts)))
    script = export("ass", talk).content.decode()
    found = events(talk)
    assert len(found) == len(talk.cues()) == script.count("\nDialogue: ")
    assert all(line.count(",") >= 9 for line in found)


def test_ffmpeg_reads_the_same_captions(tmp_path: Path):
    talk = document(
        spoken("Good morning, {everybody}.", start=1.0, speaker="Ann"),
        untimed(r"C:\New <b>folder</b> & more", start=4.0, end=6.0, index=1),
        untimed("今天天气很好", start=8.0, end=10.0, language="zh", index=2),
    )
    found = read_with_ffmpeg(export("ass", talk), tmp_path)
    assert [(start, end) for start, end, _ in found] == [(1.0, 3.53), (4.0, 6.5), (8.0, 10.5)]
    # Its writer of SubRip leaves the braces escaped, and gives the size of the style.
    assert [text.replace("\u2060", "") for _, _, text in found] == [
        r'<font size="64">Ann: Good morning, \{everybody\}.</font>',
        r'<font size="64">C:\New <b>folder</b> & more</font>',
        '<font size="64">今天天气很好</font>',
    ]
