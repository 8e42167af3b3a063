"""Room for what arrives: on the disk, and in an owner's quota."""

from __future__ import annotations

import shutil
from collections.abc import Iterable

from django.conf import settings
from django.db.models import F, Sum
from django.utils.translation import gettext

from accounts.models import User
from transcription.errors import QuotaExceeded, StorageFull
from transcription.models import Recording, Upload
from transcription.querysets import COUNTED

SPARE_BYTES = 100 * 2**20
"""Kept free beside all that was promised to uploads: the database shares the disk."""


def check_room(*, owner: User, length: int) -> None:
    """Raises QuotaExceeded or StorageFull if ``length`` bytes more do not fit beside all that was promised.

    Call under a lock on the owner's row, so that two that begin at once count each other.
    """
    check_quota(owner=owner, length=length)
    missing = Upload.objects.unfinished().aggregate(total=Sum(F("length") - F("offset")))["total"] or 0
    if free_bytes() < missing + length + SPARE_BYTES:
        raise StorageFull(gettext("There is not enough room for this file on the server's disk."))


def check_quota(*, owner: User, length: int) -> None:
    """Raises QuotaExceeded if ``length`` bytes more are more than the owner may keep."""
    if settings.USER_QUOTA and Recording.objects.owned_by(owner).bytes_used() + length > settings.USER_QUOTA:
        raise QuotaExceeded


def free_bytes() -> int:
    return shutil.disk_usage(settings.DATA).free


def is_disk_full() -> bool:
    """The spare room is being eaten: what grows must stop while the database can still write."""
    return free_bytes() < SPARE_BYTES


def owners_over_quota(*, owner_ids: Iterable[int]) -> set[int]:
    """Which of them hold more than they may. One query, none without a quota."""
    if not settings.USER_QUOTA:
        return set()
    used = Recording.objects.filter(owner__in=set(owner_ids)).order_by().values("owner_id").annotate(used=Sum(COUNTED))
    return set(used.filter(used__gt=settings.USER_QUOTA).values_list("owner_id", flat=True))
