"""Spoken text for tests of captions: words with times as an engine gives them."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from transcription.speech.captions import TranscriptDocument
from transcription.speech.types import Segment, Word

CREATED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

ODD_TEXTS = [
    "first\n\nsecond\r\n\r\nthird",
    "1\n\n2\n00:00:01,000 --> 00:00:02,000\nnot a cue",
    "7 00:00:01,000 -- > 00:00:02,000",
    "NOTE this is --> spoken",
    "<b>bold</b> & <i>R&D</i> &amp; &lt;",
    "\x00nothing\x07 to\x1b[31m see",
    "👩‍👩‍👧‍👦 family 🇩🇪 👍🏽 done",
    "שלום עולם, مرحبا بالعالم \u200fok\u200f",
    "zero\u200bwidth \u200b \ufeffmark",
    "half \ud83d surrogate",
    "line\u2028separator\u2029paragraph\x85next\x0bform\x0c",
    "می‌خواهم",
    "{\\an8}top =SUM(A1) @x",
    "—- - -->>",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "https://example.org/a/very/long/address/that/fits/no/line/at/all?and=more&than=that",
    "e\u0301" * 60,
    "กินข้าวหรือยังครับวันนี้อากาศดีมากเลยนะครับ",
]
odd_texts = st.one_of(st.sampled_from(ODD_TEXTS), st.text(max_size=120))


def spoken(text, *, start=0.0, rate=14.0, language="en", index=0, speaker=""):
    """A segment of words at ``rate`` characters a second, with a rest after punctuation."""
    words, now = [], start
    for word in text.split():
        length = (len(word) + 1) / rate
        words.append(Word(now, now + 0.95 * length, f" {word}", 0.9))
        now += length + (0.4 if word[-1] in ".?!" else 0.15 if word[-1] in ",;:" else 0.0)
    return Segment(index, start, words[-1].end, text, language, tuple(words), 0.9, speaker=speaker)


def untimed(text, *, start=0.0, end=5.0, language="en", index=0, speaker=""):
    return Segment(index, start, end, text, language, speaker=speaker)


def document(*segments, **fields):
    defaults = {
        "title": "A talk",
        "language": segments[0].language if segments else "",
        "duration": segments[-1].end if segments else 0.0,
        "created": CREATED,
        "model": "base",
        "engine": "faster-whisper",
    }
    return TranscriptDocument(segments=segments, **(defaults | fields))


_COMMON = """
    the a of and to in that it was with for as his her on at by which from had be not but they one were all we when
    there can an your said use each tell does set three want air well also play small end put home read hand port
    large spell add even land here must big high such follow act why ask men change went light kind off need house
    picture try us again animal point mother world near build self earth father unquestionable misrepresentation
    John Smith London 1963 20 percent Mr. didn't mother-in-law naïve
"""


@st.composite
def word_streams(draw, *, slowest=9.0, fastest=15.0):
    """Natural speech: sentences of common words at a speaker's rate, with commas, rests and pauses."""
    rate = draw(st.floats(slowest, fastest))
    segments, now = [], draw(st.floats(0, 100_000))
    for index in range(draw(st.integers(1, 6))):
        words = draw(st.lists(st.sampled_from(_COMMON.split()), min_size=6, max_size=24))
        marks = draw(st.lists(st.sampled_from(["", "", "", "", ","]), min_size=len(words), max_size=len(words)))
        text = " ".join(f"{word}{mark}" for word, mark in zip(words, marks, strict=True)).rstrip(",") + "."
        segment = spoken(text, start=now, rate=rate, index=index)
        segments.append(segment)
        now = segment.end + draw(st.sampled_from([0.0, 0.1, 0.3, 0.8, 1.6, 4.0]))
    return segments


def words_of(text):
    return "".join(text.split())
