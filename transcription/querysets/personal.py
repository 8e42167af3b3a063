"""What a person has besides recordings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, Q
from django.db.models.functions import Lower

from transcription.enums import (
    ACTIVE_EXPORTS,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class TagQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def by_name(self) -> Self:
        return self.order_by(Lower("name"))

    def with_counts(self, user: User | None = None) -> Self:
        """Attach ``count``: of recordings in the library that have it; of those that ``user`` sees, if one is given."""
        kept = Q(recordings__deleted_at=None, recordings__delete_after=None)
        if user is not None:
            rows = self.model._meta.get_field("recordings").related_model._default_manager.visible_to(user)
            kept &= Q(recordings__in=rows.order_by().values("pk"))
        return self.annotate(count=Count("recordings", filter=kept, distinct=True))


class VocabularyQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The person's own, and those of the person's groups."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(Q(user=user) | Q(group__in=user.groups.all()))


class DataExportQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(user=user) if user.is_authenticated else self.none()

    def active(self) -> Self:
        return self.filter(state__in=ACTIVE_EXPORTS)


class WebhookQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(user=user) if user.is_authenticated else self.none()


class WebhookDeliveryQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(webhook__user=user) if user.is_authenticated else self.none()

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-id")
