"""What is told of utterances becomes items whose deltas are their transcript."""

from __future__ import annotations

from transcription.realtime_settings import LOGPROBS, ServerVad, Settings, Transcription
from transcription.speaking.items import Commit, Conversation, Utterances
from transcription.speech.events import Partial, SpeechEnded, SpeechStarted, UtteranceSettled
from transcription.speech.types import Checkpoint, Segment, Word

VAD = Settings(Transcription("base"), vad=ServerVad(0.5, 300, 500))
MANUAL = Settings(Transcription("base"), vad=None)


def said(text: str, *, index: int = 0, language: str = "en") -> Checkpoint:
    return Checkpoint(1.0, (Segment(index, 0.0, 1.0, text, language, (Word(0, 1, text, 0.5),)),), language)


def kinds(events):
    return [event["type"].rpartition("input_audio_buffer.")[2].rpartition("transcription.")[2] for event in events]


def deltas(events) -> str:
    return "".join(event["delta"] for event in events if event["type"].endswith(".delta"))


def of(kind: str, events):
    return [event for event in events if event["type"].endswith(kind)]


def test_an_utterance_from_start_to_transcript():
    items = Utterances(Conversation(), VAD)
    events = items.hear([SpeechStarted(1.0), Partial(0, 1.0, "Ask", " not"), SpeechEnded(2.0)], 2.5)
    events += items.hear([said("Ask not what"), UtteranceSettled(1.0)], 3.0)
    assert kinds(events) == [
        "speech_started",
        "delta",
        "speech_stopped",
        "committed",
        "conversation.item.added",
        "conversation.item.done",
        "delta",
        "completed",
    ]
    assert events[0]["audio_start_ms"] == 700
    assert events[2]["audio_end_ms"] == 2500
    assert deltas(events) == events[-1]["transcript"] == "Ask not what"
    assert events[-1]["usage"]["seconds"] == 1.8
    assert len({event.get("item_id", event.get("item", {}).get("id")) for event in events}) == 1


def test_parts_of_one_utterance_are_one_item():
    items = Utterances(Conversation(), VAD)
    events = items.hear(
        [SpeechStarted(0.1), Partial(0, 0.1, "One", " two"), said("One two"), Partial(1, 3, "three", "")], 9
    )
    events += items.hear([SpeechEnded(9.0), said("three four", index=1), UtteranceSettled(0.1)], 9.5)
    assert events[0]["audio_start_ms"] == 0
    assert [event["delta"] for event in of(".delta", events)] == ["One", " two", " three", " four"]
    assert [event["transcript"] for event in of("completed", events)] == ["One two three four"]


def test_parts_without_spaces_are_joined_without():
    items = Utterances(Conversation(), VAD)
    spoken = [SpeechStarted(0.1), said("你好", language="zh"), Partial(1, 3, "世", "界"), said("世界", language="zh")]
    events = items.hear([*spoken, SpeechEnded(9.0), UtteranceSettled(0.1)], 9.5)
    assert deltas(events) == events[-1]["transcript"] == "你好世界"


def test_the_next_utterance_may_start_before_the_last_is_read():
    items = Utterances(Conversation(), VAD)
    events = items.hear([SpeechStarted(1.0), SpeechEnded(2.0), SpeechStarted(2.6)], 2.6)
    events += items.hear([said("First"), UtteranceSettled(1.0), Partial(1, 2.6, "Sec", "ond")], 3)
    events += items.hear([SpeechEnded(3.5), said("Second", index=1), UtteranceSettled(2.6)], 4)
    assert [event["transcript"] for event in of("completed", events)] == ["First", "Second"]
    first, second = of("committed", events)
    assert (first["previous_item_id"], second["previous_item_id"]) == (None, first["item_id"])
    stopped, started = of("speech_stopped", events)[0], of("speech_started", events)[1]
    assert started["audio_start_ms"] == stopped["audio_end_ms"] == 2500


def test_a_click_is_an_item_without_text():
    items = Utterances(Conversation(), VAD)
    events = items.hear([SpeechStarted(1.0), SpeechEnded(2.0)], 2.5)
    events += items.hear([SpeechStarted(3.0), SpeechEnded(3.1), UtteranceSettled(3.0)], 3.6)
    assert events[-1]["transcript"] == ""
    events = items.hear([said("Word"), UtteranceSettled(1.0)], 4)
    assert events[-1]["transcript"] == "Word"


def test_what_is_discarded_is_never_completed():
    items = Utterances(Conversation(), VAD)
    items.hear([SpeechStarted(1.0), SpeechEnded(2.0), SpeechStarted(3.0)], 3.0)
    items.discard()
    events = items.hear([said("Kept"), UtteranceSettled(1.0), SpeechStarted(5.0), SpeechEnded(6.0)], 7)
    assert kinds(events)[:2] == ["delta", "completed"]
    assert events[1]["transcript"] == "Kept"


def test_what_cannot_be_read_has_failed():
    items = Utterances(Conversation(), VAD)
    items.hear([SpeechStarted(1.0), SpeechEnded(2.0)], 2.5)
    items.fail()
    assert kinds(items.hear([UtteranceSettled(1.0)], 3)) == ["failed"]


def test_a_commit_is_silent_until_it_is_made():
    item = Commit(Conversation(), Settings(Transcription("base"), vad=None, include=(LOGPROBS,)), start=2.0)
    assert item.hear([SpeechStarted(2.1), Partial(0, 2.1, "One", ""), said("One two"), UtteranceSettled(2.1)], 4) == []
    events = item.commit(4.0)
    events += item.hear([SpeechStarted(3.1), Partial(1, 3.1, "three", " f"), said("three", index=1)], 4)
    events += item.complete()
    assert kinds(events)[:3] == ["committed", "conversation.item.added", "conversation.item.done"]
    assert deltas(events) == events[-1]["transcript"] == "One two three"
    assert events[-1]["usage"]["seconds"] == 2.0
    assert [each["token"] for each in events[-1]["logprobs"]] == ["One two", "three"]
    assert events[-1]["logprobs"][0]["logprob"] == -0.6931
