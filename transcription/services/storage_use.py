"""What a person's recordings take on the disk, and how much there may be."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce

from accounts.models import User
from transcription.models import DataExport, Recording
from transcription.querysets import COUNTED, RecordingQuerySet


@dataclass(frozen=True, slots=True)
class StorageUse:
    """Bytes. The quota counts recordings, the trash and videos with captions; copies for the player and copies of all
    data come on top."""

    recordings: int
    trash: int
    captioned: int
    playback: int
    exports: int
    quota: int
    """0: none."""

    @property
    def counted(self) -> int:
        return self.recordings + self.trash + self.captioned

    @property
    def total(self) -> int:
        return self.counted + self.playback + self.exports

    @property
    def percent(self) -> int:
        """Of the quota; more than 100 is possible, as live recordings are not stopped by it."""
        return round(100 * self.counted / self.quota) if self.quota else 0


def use_of(user: User) -> StorageUse:
    """In two queries, however many recordings there are."""
    own = Recording.objects.filter(owner=user)
    sums = own.aggregate(
        recordings=Coalesce(Sum("size", filter=Q(deleted_at=None)), 0),
        trash=Coalesce(Sum("size", filter=Q(deleted_at__isnull=False)), 0),
        captioned=Coalesce(Sum("captioned__size"), 0),
        playback=Coalesce(Sum("playback_size"), 0),
    )
    exports = DataExport.objects.filter(user=user).aggregate(total=Coalesce(Sum("size"), 0))["total"]
    return StorageUse(**{name: int(value) for name, value in sums.items()}, exports=int(exports), quota=_quota())


def largest_first(user: User) -> RecordingQuerySet:
    """The person's recordings that take any room, with ``total`` bytes; those in the trash too."""
    rows = Recording.objects.filter(owner=user).listed().annotate(total=COUNTED + F("playback_size"))
    return rows.filter(total__gt=0).order_by("-total", "-created_at", "-id")


def _quota() -> int:
    return int(settings.USER_QUOTA)
