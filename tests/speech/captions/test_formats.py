import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
import srt
import webvtt
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.speech.captions.speech import document, odd_texts, spoken, untimed, word_streams
from transcription.speech.captions import FORMATS, Exported, export, report
from transcription.speech.captions.write_srt import _ARROW
from transcription.speech.errors import UnknownFormat, UnknownOption

SCHEMA = json.loads(Path("docs/contracts/transcript.schema.json").read_text())
TALK = document(
    spoken("Good morning, everybody.", start=1.0),
    spoken("R&D is <great>, isn't it?", start=3.5, index=1),
    spoken("Bye.", start=359_999.0, index=2),
)
odd_documents = st.lists(odd_texts, max_size=5).map(
    lambda texts: document(
        *(untimed(text, start=3.0 * n, end=3.0 * n + 2.9, language="en", index=n) for n, text in enumerate(texts))
    )
)


def read(format, transcript, **options):
    return export(format, transcript, **options).content.decode()


def milliseconds(delta):
    return delta // timedelta(milliseconds=1)


def test_srt():
    assert export("srt", TALK) == Exported(
        b"1\n00:00:01,000 --> 00:00:03,396\nGood morning, everybody.\n\n"
        b"2\n00:00:03,500 --> 00:00:05,993\nR&D is <great>, isn't it?\n\n"
        b"3\n99:59:59,000 --> 100:00:00,000\nBye.\n\n",
        "application/x-subrip; charset=utf-8",
        "srt",
    )


def test_vtt():
    assert export("vtt", TALK) == Exported(
        b"WEBVTT\n\n"
        b"00:00:01.000 --> 00:00:03.396\nGood morning, everybody.\n\n"
        b"00:00:03.500 --> 00:00:05.993\nR&amp;D is &lt;great&gt;, isn't it?\n\n"
        b"99:59:59.000 --> 100:00:00.000\nBye.\n",
        "text/vtt; charset=utf-8",
        "vtt",
    )


def test_txt():
    assert export("txt", TALK) == Exported(
        b"Good morning, everybody. R&D is <great>, isn't it?\n\nBye.\n", "text/plain; charset=utf-8", "txt"
    )


def test_txt_with_times():
    assert export("txt", TALK, times=True) == Exported(
        b"[00:00:01] Good morning, everybody. R&D is <great>, isn't it?\n\n[99:59:59] Bye.\n",
        "text/plain; charset=utf-8",
        "txt",
    )


def test_json():
    exported = export("json", document(untimed("Good\nmorning", index=7), spoken("Hi you.", start=5.0, index=8)))
    assert (exported.media_type, exported.extension) == ("application/json", "json")
    assert json.loads(exported.content) == {
        "version": 1,
        "title": "A talk",
        "language": "en",
        "duration": 5.554,
        "created": "2026-01-02T03:04:05+00:00",
        "model": "base",
        "engine": "faster-whisper",
        "segments": [
            {
                "index": 7,
                "start": 0.0,
                "end": 5.0,
                "text": "Good morning",
                "language": "en",
                "speaker": None,
                "confidence": 1.0,
                "doubt": "",
                "words": [],
            },
            {
                "index": 8,
                "start": 5.0,
                "end": 5.554,
                "text": "Hi you.",
                "language": "en",
                "speaker": None,
                "confidence": 0.9,
                "doubt": "",
                "words": [
                    {"start": 5.0, "end": 5.204, "text": " Hi", "probability": 0.9},
                    {"start": 5.214, "end": 5.554, "text": " you.", "probability": 0.9},
                ],
            },
        ],
    }


def test_speakers_in_every_format():
    talk = document(spoken("Who is there?", speaker="Ann & Bo"), spoken("Me.", start=2.0, index=1, speaker="Eve\n> X"))
    assert [subtitle.content for subtitle in srt.parse(read("srt", talk))] == [
        "Ann & Bo: Who is there?",
        "Eve > X: Me.",
    ]
    assert [caption.raw_text for caption in webvtt.from_string(read("vtt", talk))] == [
        "<v Ann &amp; Bo>Who is there?",
        "<v Eve &gt; X>Me.",
    ]
    assert read("txt", talk) == "Ann & Bo: Who is there?\n\nEve > X: Me.\n"
    assert [segment["speaker"] for segment in json.loads(read("json", talk))["segments"]] == ["Ann & Bo", "Eve > X"]


def test_speakers_are_left_out_where_that_is_wished():
    talk = document(spoken("Who is there?", speaker="Ann"), spoken("Me.", start=2.0, index=1, speaker="Zoe"))
    found = {format: read(format, talk, speakers=False) for format in ("txt", "srt", "vtt", "ass", "csv")}
    assert {format: "Ann" in text or "Zoe" in text for format, text in found.items()} == dict.fromkeys(found, False)
    assert found["txt"] == "Who is there?\n\nMe.\n"


@pytest.mark.parametrize("format", FORMATS)
def test_export_of_an_empty_transcript(format):
    empty = {"srt": "", "vtt": "WEBVTT\n", "txt": "", "csv": "\ufeffstart,end,speaker,language,text\r\n"}
    if FORMATS[format].is_binary:
        assert export(format, document()).content
    elif format == "json":
        assert json.loads(read(format, document()))["segments"] == []
    elif format == "ass":
        assert read(format, document()).endswith("Effect, Text\n")
    else:
        assert read(format, document()) == empty[format]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("choice", ["times", "speakers"])
def test_choice_that_a_format_does_not_have_is_refused(format, choice):
    if getattr(FORMATS[format], choice) is None:
        with pytest.raises(UnknownOption):
            export(format, TALK, **{choice: True})
    else:
        assert export(format, TALK, **{choice: getattr(FORMATS[format], choice)}) is not None


def test_report_is_for_captions_only():
    assert [cue.number for cue in report("vtt", TALK)] == [1, 2, 3]
    for format in ("txt", "exe"):
        with pytest.raises(UnknownFormat):
            report(format, TALK)


def test_report_measures_what_the_file_shows():
    talk = document(untimed("x" * 20, end=2.0, speaker="Bob"), is_captioned=True)
    shown = {name: [(cue.characters, cue.rate) for cue in report(name, talk)] for name in ("srt", "vtt")}
    assert shown == {"srt": [(25, 12.5)], "vtt": [(20, 10.0)]}


def test_captions_that_were_made_elsewhere_stay_as_they_are():
    made = untimed("A line that somebody broke\nhere", start=1.0, end=1.25)
    kept = document(made, untimed(" \n ", index=1), is_captioned=True)
    assert read("srt", kept) == "1\n00:00:01,000 --> 00:00:01,250\nA line that somebody broke\nhere\n\n"
    assert read("txt", kept) == "A line that somebody broke here\n"
    codes = [violation.code for cue in report("srt", kept) for violation in cue.violations]
    assert codes == ["reading_too_fast", "too_short"]


def test_export_in_an_unknown_format():
    with pytest.raises(UnknownFormat) as raised:
        export("exe", TALK)
    assert (raised.value.code, raised.value.message) == (
        "format_unknown",
        "Transcripts cannot be saved in this format.",
    )


@given(st.one_of(odd_documents, word_streams().map(lambda segments: document(*segments))))
@settings(max_examples=80, deadline=None)
def test_srt_round_trip(transcript):
    parsed = list(srt.parse(read("srt", transcript)))
    cues = transcript.cues()
    assert [(s.index, milliseconds(s.start), milliseconds(s.end), s.content) for s in parsed] == [
        (number, round(cue.start * 1000), round(cue.end * 1000), _ARROW.sub("→", cue.text))
        for number, cue in enumerate(cues, start=1)
    ]


@given(st.one_of(odd_documents, word_streams().map(lambda segments: document(*segments))))
@settings(max_examples=80, deadline=None)
def test_vtt_round_trip(transcript):
    parsed = webvtt.WebVTT.from_string(read("vtt", transcript), strict=True)
    assert [(c.start_time.in_milliseconds(), c.end_time.in_milliseconds(), unescape(c.raw_text)) for c in parsed] == [
        (round(cue.start * 1000), round(cue.end * 1000), cue.text) for cue in transcript.cues()
    ]
    starts = [caption.start_time.in_milliseconds() for caption in parsed]
    assert starts == sorted(starts)


def unescape(text):
    assert "<" not in text
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@given(odd_documents, st.text(max_size=40))
@settings(max_examples=80, deadline=None)
def test_json_keeps_its_contract(transcript, title):
    body = json.loads(read("json", replace(transcript, title=title)))
    jsonschema.validate(body, SCHEMA)
    assert [segment["index"] for segment in body["segments"]] == [segment.index for segment in transcript.segments]


def test_json_contract_knows_every_field():
    segment = SCHEMA["$defs"]["segment"]
    body = json.loads(read("json", TALK))
    assert (list(body), list(body["segments"][0]), list(body["segments"][0]["words"][0])) == (
        SCHEMA["required"],
        segment["required"],
        SCHEMA["$defs"]["word"]["required"],
    )


@given(odd_documents)
@settings(max_examples=80, deadline=None)
def test_txt_has_one_line_a_paragraph(transcript):
    lines = read("txt", transcript).split("\n")
    assert all(line for line in lines[::2][:-1])
    assert not any(lines[1::2])


def test_txt_breaks_a_long_paragraph_at_a_sentence():
    sentence = "This is a sentence of fifty characters, nearly so."
    segments = [spoken(sentence, start=4.0 * n, index=n) for n in range(20)]
    lengths = [len(paragraph) for paragraph in read("txt", document(*segments)).split("\n\n")]
    assert lengths == [611, 408]


def test_txt_joins_chinese_without_spaces():
    talk = document(untimed("今天。", end=1.0, language="zh"), untimed("明天。", start=1.0, end=2.0, language="zh"))
    assert read("txt", talk) == "今天。明天。\n"
