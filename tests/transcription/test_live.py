"""Live recordings as a service: who may speak, fences, and the end."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.factories import make_live, make_recording, make_user
from transcription.enums import RecordingState
from transcription.errors import BadRequest, LiveNotFound, LiveOff, QuotaExceeded, StaleEpoch, StorageFull, WrongState
from transcription.models import Live, Recording, Transcript
from transcription.services import jobs, live, recordings, room
from transcription.services.live import LiveChoices
from transcription.speech.types import Checkpoint, Segment, Word

pytestmark = pytest.mark.django_db


def checkpoint(index: int = 0, *, text: str = "Hello there.", language: str = "en") -> Checkpoint:
    start = index * 2.0
    words = (Word(start, start + 1.0, " " + text, 0.9),)
    segment = Segment(index, start, start + 1.5, text, language, words, confidence=0.9)
    return Checkpoint(start + 2.0, (segment,), language, 0.98)


def recording_of(spoken: Live) -> Recording:
    return Recording.objects.get(pk=spoken.pk)


def closings() -> list[dict[str, Any]]:
    return list(ProcrastinateJob.objects.filter(task_name="transcription.close_live").values_list("args", flat=True))


def test_start_makes_a_recording_that_waits_for_sound():
    owner = make_user()
    wished = {"title": "Sta\0nd-up", "language": "de", "vocabulary": ["Scripta", "  ", "a\nb"], "sample_rate": 48000}
    spoken = live.start_live(owner=owner, choices=LiveChoices.from_dict(wished, user=owner))
    recording = recording_of(spoken)
    assert (recording.owner, recording.title, recording.state) == (owner, "Sta nd-up", RecordingState.LIVE)
    assert (spoken.language, spoken.vocabulary, spoken.sample_rate) == ("de", "Scripta\na b", 48000)
    assert (spoken.transcript.version, spoken.transcript.is_complete) == (1, False)
    assert (spoken.transcript.engine, spoken.transcript.model) == ("faster-whisper", "base")


def test_start_is_refused_where_live_is_switched_off(settings):
    settings.LIVE, owner = False, make_user()
    with pytest.raises(LiveOff):
        live.start_live(owner=owner, choices=LiveChoices())
    assert not Recording.objects.exists()


def test_start_without_a_title_tells_when():
    assert recording_of(make_live()).title.startswith("Live on ")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"sample_rate": 7}, "The sample rate must be a number from 8000 to 48000."),
        ({"sample_rate": True}, "The sample rate must be a number from 8000 to 48000."),
        ({"sample_rate": "16000"}, "The sample rate must be a number from 8000 to 48000."),
        ({"encoding": "mulaw", "sample_rate": 16000}, "The sample rate must be 8000 for this encoding."),
        ({"encoding": "mp3"}, "Sound comes as one of: pcm_s16le, pcm_f32le, mulaw, webm, ogg."),
        ({"encoding": ["webm"]}, "A choice for the live recording has the wrong type."),
        ({"language": "xx"}, "The language “xx” is not known."),
        ({"title": 5}, "A choice for the live recording has the wrong type."),
        ({"keep_audio": "no"}, "A choice for the live recording has the wrong type."),
        ({"task": "sing"}, "A recording can be transcribed or translated."),
        ({"overflow": "?"}, "When the server is full, a live recording is refused or recorded."),
        ({"vocabulary": 5}, "The vocabulary must be a list of names and terms."),
        ({"vocabulary": [5]}, "The vocabulary must be a list of names and terms."),
        ({"vocabulary": ["x" * 1000] * 2}, "The vocabulary may have at most 2,000 characters."),
        ({"vocabulary": ["x" * 5000]}, "The vocabulary may have at most 2,000 characters."),
        ({"epoch": 5}, "“epoch” is not known here."),
    ],
)
def test_choices_that_make_no_sense_are_refused(values, said):
    with pytest.raises(BadRequest) as refused:
        LiveChoices.from_dict(values, user=AnonymousUser())
    assert refused.value.message == said


def test_choices_fall_back_to_the_protocol():
    user = AnonymousUser()
    assert LiveChoices.from_dict({"title": None, "vocabulary": None}, user=user) == LiveChoices()
    assert LiveChoices.from_dict({"encoding": "mulaw"}, user=user).sample_rate == 8000
    assert LiveChoices.from_dict({"vocabulary": "Ada\r\n\nGrace"}, user=user).vocabulary == ("Ada", "Grace")


def test_start_needs_room_in_the_quota_and_on_the_disk(settings, monkeypatch):
    owner = make_user()
    settings.USER_QUOTA = live.LEAST_ROOM + 1000
    make_recording(owner, size=1001)
    with pytest.raises(QuotaExceeded):
        make_live(owner)
    settings.USER_QUOTA = 0
    monkeypatch.setattr(room, "free_bytes", lambda: room.SPARE_BYTES + live.LEAST_ROOM - 1)
    with pytest.raises(StorageFull):
        make_live(owner)
    assert Live.objects.count() == 0


def test_connect_goes_on_where_it_ended(owner):
    spoken = make_live(owner, language="en", vocabulary=("Ada", "Grace"))
    first = live.connect(live_id=spoken.pk, user=owner)
    for index, text in enumerate(["One.", "Two.", "Three."]):
        live.save_final(connection=first, checkpoint=checkpoint(index, text=text))
    again = live.connect(live_id=spoken.pk, user=owner)
    assert (first.epoch, first.start, first.first_index, first.context, first.detected) == (1, 0.0, 0, "", "")
    assert (again.epoch, again.start, again.first_index, again.context) == (2, 6.0, 3, "One. Two. Three.")
    assert (again.language, again.detected, again.vocabulary) == ("en", "en", ("Ada", "Grace"))
    assert (again.state, again.received, again.transcript_id) == ("live", 0, spoken.transcript_id)
    assert [s.text for s in live.final_segments(transcript_id=spoken.transcript_id, after=0)] == ["Two.", "Three."]


def test_who_comes_back_by_itself_leaves_the_recording_to_whoever_went_on(owner):
    spoken = make_live(owner)
    Live.objects.filter(pk=spoken.pk).update(received=160_000)
    mine = live.connect(live_id=spoken.pk, user=owner, sent=160_000)
    assert (mine.epoch, mine.received) == (1, 160_000)
    Live.objects.filter(pk=spoken.pk).update(received=176_000)
    with pytest.raises(StaleEpoch):
        live.connect(live_id=spoken.pk, user=owner, sent=175_999)
    live.seen(connection=mine)  # and took nothing from it
    assert live.connect(live_id=spoken.pk, user=owner).epoch == 2
    live.begin_closing(live_id=spoken.pk, user=owner)
    assert live.connect(live_id=spoken.pk, user=owner, sent=0).state == "closing"


def test_nobody_else_connects(owner):
    spoken = make_live(owner)
    for user in (make_user(), AnonymousUser()):
        with pytest.raises(LiveNotFound):
            live.connect(live_id=spoken.pk, user=user)
        with pytest.raises(LiveNotFound):
            live.begin_closing(live_id=spoken.pk, user=user)
        with pytest.raises(LiveNotFound):
            live.discard(live_id=spoken.pk, user=user)
    with pytest.raises(LiveNotFound):
        live.connect(live_id=make_recording(owner).pk, user=owner)
    assert Live.objects.get().epoch == 0


def test_whoever_was_taken_over_writes_nothing(owner):
    spoken = make_live(owner)
    old = live.connect(live_id=spoken.pk, user=owner)
    live.connect(live_id=spoken.pk, user=owner)
    for call in (
        lambda: live.save_final(connection=old, checkpoint=checkpoint()),
        lambda: live.set_language(connection=old, language="de"),
        lambda: live.set_paused(connection=old, paused=True),
        lambda: live.seen(connection=old),
        lambda: live.begin_closing(connection=old, complete=True),
    ):
        with pytest.raises(StaleEpoch):
            call()
    stored = Live.objects.get()
    assert (stored.language, stored.paused_at) == ("", None)
    assert Transcript.objects.get().segments.count() == 0
    assert (recording_of(spoken).state, closings()) == (RecordingState.LIVE, [])


def test_the_speaker_changes_language_and_pauses(owner):
    spoken = make_live(owner)
    connection = live.connect(live_id=spoken.pk, user=owner)
    live.set_language(connection=connection, language="fr")
    live.set_paused(connection=connection, paused=True)
    again = live.connect(live_id=spoken.pk, user=owner)
    assert (again.language, again.paused) == ("fr", True)
    live.set_paused(connection=again, paused=False)
    assert Live.objects.get().paused_at is None
    with pytest.raises(BadRequest):
        live.set_language(connection=again, language="Klingon")


def test_the_connection_closes_with_a_whole_transcript(owner):
    spoken = make_live(owner)
    connection = live.connect(live_id=spoken.pk, user=owner)
    live.begin_closing(connection=connection, complete=True)
    assert (recording_of(spoken).state, Transcript.objects.get().is_complete) == (RecordingState.CLOSING, True)
    assert closings() == [{"recording_id": str(spoken.pk)}]
    with pytest.raises(StaleEpoch):
        live.save_final(connection=connection, checkpoint=checkpoint())
    ended = live.connect(live_id=spoken.pk, user=owner)
    assert (ended.state, ended.epoch) == ("closing", connection.epoch)


def test_closing_from_elsewhere_tells_the_connection(owner):
    spoken = make_live(owner)
    connection = live.connect(live_id=spoken.pk, user=owner)
    live.begin_closing(live_id=spoken.pk, user=owner)
    assert live.current_state(live_id=spoken.pk) == live.LiveState("closing", connection.epoch + 1, trashed=False)
    assert (Transcript.objects.get().is_complete, closings()) == (False, [{"recording_id": str(spoken.pk)}])
    with pytest.raises(WrongState):
        live.begin_closing(live_id=spoken.pk, user=owner)
    assert len(closings()) == 1


@pytest.mark.parametrize("from_library", [True, False])
def test_what_is_discarded_is_gone_for_its_speaker(owner, from_library):
    spoken = make_live(owner)
    connection = live.connect(live_id=spoken.pk, user=owner)
    if from_library:
        jobs.trash_recording(recording=recording_of(spoken))
    else:
        live.discard(live_id=spoken.pk, user=owner)
    assert live.current_state(live_id=spoken.pk) == live.LiveState("live", connection.epoch + 1, trashed=True)
    with pytest.raises(StaleEpoch):
        live.save_final(connection=connection, checkpoint=checkpoint())
    with pytest.raises(LiveNotFound):
        live.connect(live_id=spoken.pk, user=owner)
    with pytest.raises(LiveNotFound):
        live.discard(live_id=spoken.pk, user=owner)


def test_what_has_ended_is_not_discarded_as_live(owner):
    spoken = make_live(owner)
    Recording.objects.filter(pk=spoken.pk).update(state=RecordingState.READY)
    with pytest.raises(WrongState):
        live.discard(live_id=spoken.pk, user=owner)
    assert live.connect(live_id=spoken.pk, user=owner).state == "ready"


def test_deleted_for_good_has_no_state(owner):
    spoken = make_live(owner)
    recordings.purge_recording(recording=recording_of(spoken))
    assert live.current_state(live_id=spoken.pk) is None
