"""Live recordings: begun, spoken into by one connection at a time, ended. ``chunks`` has their sound.

Each connection raises the epoch, and whatever it writes is conditional on its number: a tab that was believed dead, or
whose speaker went on elsewhere, can write nothing more. All of these hold the recording's row first, then the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from accounts.models import ApiKey, User
from transcription.enums import Captions, RecordingState
from transcription.errors import LiveNotFound, LiveOff, StaleEpoch, TooManyUnfinished, WrongState
from transcription.models import Live, Recording, Transcript
from transcription.services import events, queue, recordings, room, transcripts, vocabulary
from transcription.services.live_choices import LiveChoices as LiveChoices
from transcription.services.live_choices import require_language
from transcription.speech.types import Checkpoint, Segment

LEAST_ROOM = 16 * 2**20
"""Bytes that must be free to begin: some eight minutes at 16 kHz. While it grows, ``chunks`` looks after the limits."""
CONTEXT_SEGMENTS = 8
"""How many of the last finals the recogniser gets as context when it goes on."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A speaker's right to write, and where to go on."""

    live_id: UUID
    epoch: int
    transcript_id: int
    encoding: str
    sample_rate: int
    received: int
    """Samples (PCM) or bytes (containers) that are durable."""
    captions: str
    overflow: str
    start: float
    """Seconds: all before is final."""
    first_index: int
    context: str
    """The text of the last finals."""
    language: str
    """As chosen; "": detect it."""
    detected: str
    """As heard so far; "" if nothing was heard."""
    task: str
    vocabulary: tuple[str, ...]
    created_at: datetime
    paused: bool
    state: str
    """``live``, ``closing`` or ``ready``; only while it is live may anything be written."""


@dataclass(frozen=True, slots=True)
class LiveState:
    """What a connection asks now and then."""

    state: str
    epoch: int
    trashed: bool


def start_live(
    *, owner: User, choices: LiveChoices, captions: str = Captions.LIVE, api_key: ApiKey | None = None
) -> Live:
    """Make a recording that waits for sound, with an empty transcript.

    Raises LiveOff, TooManyUnfinished, QuotaExceeded, StorageFull.
    """
    if not settings.LIVE:
        raise LiveOff
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)
        unfinished = Recording.objects.kept().filter(owner=owner, state=RecordingState.LIVE)
        if unfinished.count() >= settings.LIVE_UNFINISHED:
            raise TooManyUnfinished
        room.check_room(owner=owner, length=LEAST_ROOM)
        title = recordings.clean_line(choices.title, limit=200) or gettext("Live on %(when)s") % {
            "when": date_format(timezone.localtime(), "DATETIME_FORMAT")
        }
        recording = Recording.objects.create(owner=owner, title=title, state=RecordingState.LIVE, api_key=api_key)
        transcript = Transcript.objects.create(
            recording=recording, version=1, engine=settings.ENGINE, model=settings.LIVE_MODEL, task=choices.task
        )
        begun = Live.objects.create(
            recording=recording,
            transcript=transcript,
            encoding=choices.encoding,
            sample_rate=choices.sample_rate,
            language=choices.language,
            task=choices.task,
            vocabulary="\n".join(choices.vocabulary),
            standing_terms=_standing_terms(owner, choices),
            keep_audio=choices.keep_audio,
            overflow=choices.overflow,
            captions=captions,
        )
        events.recording_created(recording=recording)
        events.live_started(live=begun)
        return begun


def _standing_terms(owner: User, choices: LiveChoices) -> str:
    own = "\n".join(choices.vocabulary)
    model = settings.LIVE_MODEL
    return vocabulary.standing_terms(owner=owner, own=own, model=model, tokens=vocabulary.LIVE_TOKENS)


def connect(*, live_id: UUID, user: User | AnonymousUser, sent: int | None = None) -> Connection:
    """Take over the live recording: from here on, what another connection still writes is refused.

    ``sent``: up to where a client that comes back by itself has sent sound. If more is there, somebody has gone on in
    another place since, and keeps the recording. One that has ended comes back with its state, and nothing changes.
    Raises LiveNotFound, StaleEpoch.
    """
    with transaction.atomic():
        recording = _hold_own(live_id, user)
        live = Live.objects.filter(pk=live_id)
        if recording.state == RecordingState.LIVE:
            if sent is not None and live.filter(received__gt=sent).exists():
                raise StaleEpoch
            live.update(epoch=F("epoch") + 1, last_seen_at=timezone.now())
        connection = _connection(live.select_related("transcript").get(), recording)
    events.live_changed(live_id=live_id)  # whoever spoke until now is told
    return connection


def _connection(live: Live, recording: Recording) -> Connection:
    transcript = live.transcript
    last = transcript.segments.order_by("-index")[:CONTEXT_SEGMENTS]
    texts = [segment.text.strip() for segment in reversed(last)]
    return Connection(
        live_id=live.pk,
        epoch=live.epoch,
        transcript_id=transcript.pk,
        encoding=live.encoding,
        sample_rate=live.sample_rate,
        received=live.received,
        captions=live.captions,
        overflow=live.overflow,
        start=transcript.position,
        first_index=transcripts.next_index(transcript=transcript),
        context=" ".join(texts),
        language=live.language,
        detected=transcript.language,
        task=live.task,
        vocabulary=vocabulary.told_terms(live),
        created_at=recording.created_at,
        paused=live.paused_at is not None,
        state=recording.state,
    )


def current_state(*, live_id: UUID) -> LiveState | None:
    """None once it was deleted for good."""
    row = Live.objects.filter(pk=live_id).values_list("recording__state", "epoch", "recording__deleted_at").first()
    return LiveState(row[0], row[1], row[2] is not None) if row else None


def final_segments(*, transcript_id: int, after: int) -> list[Segment]:
    """Those whose index is greater than ``after``, in order."""
    rows = Transcript.objects.get(pk=transcript_id).segments.filter(index__gt=after).order_by("index")
    return list(transcripts.to_segments(rows))


def save_final(*, connection: Connection, checkpoint: Checkpoint) -> None:
    """Keep final segments, position and language in one transaction. Raises StaleEpoch."""
    with transaction.atomic():
        _hold_mine(connection)
        transcripts.append_checkpoint(transcript_id=connection.transcript_id, checkpoint=checkpoint)


def set_language(*, connection: Connection, language: str) -> None:
    """Note the speaker's choice; "" detects it again. Raises BadRequest, StaleEpoch."""
    require_language(language)
    _change(connection, language=language)


def set_captions(*, connection: Connection, captions: str) -> None:
    """A full node records what it cannot caption; what it leaves out is transcribed afterwards. Raises StaleEpoch."""
    _change(connection, captions=captions)


def set_paused(*, connection: Connection, paused: bool) -> None:
    """A pause stops the clock of abandonment. Raises StaleEpoch."""
    _change(connection, paused_at=timezone.now() if paused else None)


def seen(*, connection: Connection) -> None:
    """The speaker is there in a pause. Raises StaleEpoch."""
    _change(connection)


def _change(connection: Connection, **changes: Any) -> None:
    with transaction.atomic():
        _hold_mine(connection)
        Live.objects.filter(pk=connection.live_id).update(last_seen_at=timezone.now(), **changes)


def begin_closing(
    *,
    connection: Connection | None = None,
    live_id: UUID | None = None,
    user: User | AnonymousUser | None = None,
    complete: bool = False,
) -> None:
    """End the speaking, and enqueue the work that makes one file of the sound.

    By the connection itself (raises StaleEpoch), which says whether its transcript covers everything; or by ``user``
    from elsewhere (raises LiveNotFound, WrongState), and then the connection meets a new epoch and stops.
    """
    with transaction.atomic():
        if connection is not None:
            _hold_mine(connection)
            if complete:
                Transcript.objects.filter(pk=connection.transcript_id).update(
                    is_complete=True, revision=F("revision") + 1
                )
            close(live_id=connection.live_id)
            return
        if live_id is None or user is None:
            raise TypeError("begin_closing needs a connection, or live_id and user")
        if _hold_own(live_id, user).state != RecordingState.LIVE:
            raise WrongState(gettext("This live recording has already ended."))
        close_for_others(live_id=live_id)


def close(*, live_id: UUID) -> None:
    """To CLOSING, with its task. Call under the lock on a recording that is LIVE."""
    Recording.objects.filter(pk=live_id).update(state=RecordingState.CLOSING)
    queue.defer_closing(recording_id=live_id)
    events.live_finished(live_id=live_id)
    events.live_changed(live_id=live_id)


def close_for_others(*, live_id: UUID) -> None:
    """As ``close``; whoever is still connected may write nothing more, and what they had not read is read by a job."""
    Live.objects.filter(pk=live_id).update(epoch=F("epoch") + 1)
    close(live_id=live_id)


def close_restored(*, recording_id: UUID) -> None:
    """End what was live when it went to the trash. Call under the lock on the recording."""
    state = Recording.objects.values_list("state", flat=True).get(pk=recording_id)
    if state == RecordingState.LIVE:
        close_for_others(live_id=recording_id)
    elif state == RecordingState.CLOSING:
        queue.defer_closing(recording_id=recording_id)


def drop_unwanted_sound(*, recording_id: UUID) -> None:
    """What is transcribed, and was not to be kept, goes: the row forgets it at once, storage by a task."""
    if not Live.objects.filter(pk=recording_id, keep_audio=False).exists():
        return
    with transaction.atomic():
        recordings.forget_media(recording_id=recording_id)


def discard(*, live_id: UUID, user: User | AnonymousUser) -> None:
    """To the trash, from which it can be brought back: then it is closed. Raises LiveNotFound, WrongState."""
    with transaction.atomic():
        recording = _hold_own(live_id, user)
        if recording.state not in {RecordingState.LIVE, RecordingState.CLOSING}:
            raise WrongState(gettext("This live recording has already ended."))
        recordings.move_to_trash(recording=recording)


def _hold_own(live_id: UUID, user: User | AnonymousUser) -> Recording:
    """Lock the recording of a live one that ``user`` may speak into. Raises LiveNotFound, also for one in the trash."""
    mine = Live.objects.owned_by(user).filter(pk=live_id)
    kept = Recording.objects.kept().filter(pk__in=mine.values("pk"))
    recording: Recording | None = kept.select_for_update(no_key=True).first()
    if recording is None:
        raise LiveNotFound
    return recording


def _hold_mine(connection: Connection) -> None:
    """Lock the recording for its current connection. Raises StaleEpoch.

    The epoch changes under this lock only, so it stays what it is until the transaction ends.
    """
    kept = Recording.objects.kept().filter(pk=connection.live_id, state=RecordingState.LIVE)
    held = kept.select_for_update(no_key=True).values_list("pk").first()
    if held is None or not Live.objects.filter(pk=connection.live_id, epoch=connection.epoch).exists():
        raise StaleEpoch
