"""Versions of a text and their states: listed, named, compared, shown, brought back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext

from accounts.models import User
from transcription.editing import changes
from transcription.editing.changes import Rows
from transcription.editing.compare import Run, SpokenWord, compare, spoken_words
from transcription.enums import EditKind
from transcription.errors import BadRequest, WrongState
from transcription.models import NamedRevision, Recording, Transcript, TranscriptEdit
from transcription.services import edits
from transcription.services.edits import By, Plan, State
from transcription.services.recordings import clean_line

LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Difference:
    """Runs of words in the order of the newer state, with their counts."""

    runs: list[Run]
    added: int
    removed: int


def name_revision(*, transcript: Transcript, user: User, name: str) -> NamedRevision:
    """Give the transcript's present state a name. Raises BadRequest for an empty one."""
    cleaned = clean_line(name, limit=LONGEST_NAME)
    if not cleaned:
        raise BadRequest(gettext("Please give this state a name."))
    with transaction.atomic():
        held = edits.hold(transcript.pk)
        return NamedRevision.objects.create(transcript=held, revision=held.revision, name=cleaned, user=user)


def forget_name(*, named: NamedRevision) -> None:
    """The state itself stays in the log."""
    named.delete()


def restore(*, transcript_id: int, by: By, revision: int) -> TranscriptEdit | None:
    """Bring back the text and the speakers of an earlier state, as one more edit, which can be taken back."""

    def plan(transcript: Transcript) -> Plan:
        then = state(transcript=transcript, revision=revision)
        now = State(edits.segment_rows(transcript), edits.speaker_rows(transcript))
        return Plan(changes.difference(now.segments, then.segments), changes.difference(now.speakers, then.speakers))

    return edits.commit(transcript_id=transcript_id, by=by, kind=EditKind.RESTORE, plan=plan)


def state(*, transcript: Transcript, revision: int) -> State:
    """As it was then; 0 is what the machine wrote. Raises BadRequest for a revision that has not been."""
    if not 0 <= revision <= transcript.revision:
        raise BadRequest(gettext("This transcript has no such revision."))
    return edits.state_at(transcript=transcript, revision=revision)


def show_version(*, recording: Recording, version: int) -> None:
    """This version is read, searched and edited from now on. Raises WrongState for one that is not complete."""
    with transaction.atomic():
        held = Recording.objects.select_for_update(no_key=True).get(pk=recording.pk)
        if not held.transcripts.filter(version=version, is_complete=True).exists():
            raise WrongState(gettext("This version is not complete."))
        held.shown_version = recording.shown_version = version
        held.save(update_fields=["shown_version"])


def compare_states(*, old: tuple[Transcript, int], new: tuple[Transcript, int]) -> Difference:
    """Word by word, between two revisions of one version or of two of the same recording."""
    before, after = (list(_words(state(transcript=each, revision=revision).segments)) for each, revision in (old, new))
    runs = compare(before, after)
    counts = {kind: sum(len(run.words) for run in runs if run.kind == kind) for kind in ("added", "removed")}
    return Difference(runs, counts["added"], counts["removed"])


def _words(rows: Rows) -> Iterator[SpokenWord]:
    for index, row in sorted(rows.items(), key=lambda item: (item[1]["rank"], item[0])):
        yield from spoken_words(index, row)
