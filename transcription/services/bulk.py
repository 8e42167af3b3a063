"""The same done to many recordings, each by the service for one: what cannot be done to some is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from transcription.errors import ScriptaError
from transcription.models import Recording
from transcription.querysets import RecordingQuerySet
from transcription.services import jobs, recordings, uploads

MOST = 500
"""Recordings in one request."""


@dataclass(slots=True)
class Outcome:
    """``refused`` counts the reasons, in words for the user."""

    done: list[UUID] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)


def move_to_trash(*, rows: Iterable[Recording]) -> Outcome:
    """Each with its own transaction: its work ends, and an upload that is not complete ends for good."""
    return _each(rows, lambda row: uploads.throw_away(recording=row))


def restore(*, rows: Iterable[Recording]) -> Outcome:
    """From the trash, each with the work that was interrupted."""
    return _each(rows, lambda row: jobs.restore_recording(recording=row))


def purge(*, rows: RecordingQuerySet) -> Outcome:
    """What is in the trash, for good: gone from every page at once, and within seconds, by a worker, from the disk."""
    trashed = rows.trashed()
    outcome = Outcome(done=list(trashed.order_by().values_list("pk", flat=True)))
    recordings.purge_soon(rows=trashed)
    return outcome


def _each(rows: Iterable[Recording], service: Callable[[Recording], object]) -> Outcome:
    outcome = Outcome()
    for row in rows:
        try:
            service(row)
        except ScriptaError as error:
            outcome.refused[error.message] += 1
        else:
            outcome.done.append(row.pk)
    return outcome
