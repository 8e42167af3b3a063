"""Deleting an account with all that belongs to it: at once for everybody's eyes, then from the disk by a worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.services import deletion as accounts_deletion
from transcription.models import DataExport, Live, Recording, Tag, Webhook
from transcription.services import data_export, events, passing, queue, recordings


@dataclass(frozen=True, slots=True)
class Belongings:
    """What goes with an account, for whoever is about to delete it."""

    recordings: int
    bytes: int
    tags: int
    keys: int
    webhooks: int


def belongings_of(user: User) -> Belongings:
    own = Recording.objects.filter(owner=user)
    return Belongings(
        recordings=own.listed().count(),
        bytes=own.bytes_used(),
        tags=Tag.objects.filter(owner=user).count(),
        keys=ApiKey.objects.in_force().lasting().filter(user=user).count(),
        webhooks=Webhook.objects.filter(user=user).count(),
    )


def delete_account(*, user: User) -> None:
    """Close the account, hide all its recordings, and enqueue the deletion of rows and files. Safe to repeat.

    From the moment this returns, no session and no key of the person opens anything, whoever speaks into a recording is
    cut off, and links to their recordings lead nowhere. Raises LastAdministrator.
    """
    with transaction.atomic():
        if not accounts_deletion.close_account(user=user):
            return
        own = Recording.objects.filter(owner=user)
        spoken = list(Live.objects.filter(recording__in=own.kept()).values_list("pk", flat=True))
        Live.objects.filter(pk__in=spoken).update(epoch=F("epoch") + 1)
        own.kept().update(deleted_at=timezone.now())
        recordings.purge_soon(rows=own)
        for live_id in spoken:
            events.live_changed(live_id=live_id)
        queue.defer_account_purge(user_id=user.pk)


def purge_account(*, user_id: int, should_stop: Callable[[], bool] = lambda: False) -> None:
    """Delete recordings, files and rows of a closed account, the account's own row last. Safe to repeat after a crash.

    A worker that stops leaves the rest to the next look of ``resume``.
    """
    user = User.objects.filter(pk=user_id, deleted_at__isnull=False).first()
    if user is None:
        return
    own = Recording.objects.filter(owner=user)
    recordings.purge_soon(rows=own)
    for recording_id in list(own.values_list("pk", flat=True)):
        if should_stop():
            return
        passing.end(recording_id=recording_id)
    for export in DataExport.objects.filter(user=user):
        data_export.delete(export=export)
    if not own.exists():
        accounts_deletion.delete_row(user_id=user_id)


def resume() -> int:
    """Enqueue deletions again that got lost; how many."""
    waiting = User.objects.filter(deleted_at__isnull=False).values_list("pk", flat=True)
    lost = [pk for pk in waiting if not queue.is_under_way(queue.PURGE_ACCOUNT, user_id=pk)]
    for pk in lost:
        queue.defer_account_purge(user_id=pk)
    return len(lost)
