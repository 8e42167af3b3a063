"""API keys: what a program signs in with, in the name of a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.errors import NotAnAdministrator, TooManyKeys
from accounts.models import ApiKey, Scope, User
from accounts.services import usage
from accounts.services.locks import lock
from accounts.services.tokens import digest, new_token

BEGINNING = "scr_"
"""Of every key, so that people and scanners for leaked secrets know one when they see it."""
DEFAULT_SCOPES = (Scope.READ, Scope.WRITE, Scope.LIVE)
KEYS_LIMIT = 100
"""Keys in force that one person may have."""
_SHOWN = 12
"""Characters of a key that lists show: with the beginning, 48 of its 256 bits."""
_LONGEST = 200
_USE_IS_NOTED = timedelta(minutes=1)


@transaction.atomic
def create_key(
    *,
    user: User,
    name: str,
    scopes: Iterable[str] = DEFAULT_SCOPES,
    expires_at: datetime | None = None,
    keeps_recordings: bool = False,
) -> tuple[ApiKey, str]:
    """Make a key; it is returned beside its row, and cannot be shown again.

    ``scopes`` are values of ``Scope``. Raises NotAnAdministrator when one who does not administer asks for the scope
    ``admin``, TooManyKeys above KEYS_LIMIT.
    """
    wanted = set(scopes)
    if Scope.ADMIN in wanted and not user.is_superuser:
        raise NotAnAdministrator
    lock(name=f"api-keys:{user.pk}")
    if ApiKey.objects.in_force().lasting().filter(user=user).count() >= KEYS_LIMIT:
        raise TooManyKeys
    key = BEGINNING + new_token()
    row = ApiKey.objects.create(
        user=user,
        name=name,
        prefix=key[:_SHOWN],
        key_hash=digest(key),
        scopes=[scope.value for scope in Scope if scope in wanted],
        expires_at=expires_at,
        keeps_recordings=keeps_recordings,
    )
    return row, key


def authenticate(*, key: str) -> ApiKey | None:
    """The row of a key in force, its ``user`` loaded; None for anything else. Counts as a request of the key."""
    if not key.startswith(BEGINNING) or len(key) > _LONGEST:
        return None
    row: ApiKey | None = ApiKey.objects.in_force().select_related("user").filter(key_hash=digest(key)).first()
    if row is not None:
        _note_use(row)
        usage.note_request(key_id=row.pk)
    return row


def allows(row: ApiKey | None, scope: Scope | str) -> bool:
    """Whether whoever came with this key may do such a thing. None is a person with a session, who may do anything.

    The scope ``admin`` ends when its person no longer administers.
    """
    if row is None:
        return True
    return scope in row.scopes and (scope != Scope.ADMIN or row.user.is_superuser)


def _note_use(row: ApiKey) -> None:
    """One UPDATE a minute, however often a key is used, and by however many processes."""
    now = timezone.now()
    if row.last_used_at is None or row.last_used_at < now - _USE_IS_NOTED:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - _USE_IS_NOTED)
        ApiKey.objects.filter(stale, pk=row.pk).update(last_used_at=now)


def is_in_force(*, row: ApiKey) -> bool:
    """Whether a key that was good when a connection began still is."""
    return ApiKey.objects.in_force().filter(pk=row.pk).exists()


@transaction.atomic
def revoke(*, row: ApiKey) -> bool:
    """End a key; False when it was revoked before. Open connections notice within a minute."""
    return ApiKey.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=timezone.now()) == 1
