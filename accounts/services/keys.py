"""API keys: what a program signs in with, in the name of a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.errors import NotAnAdministrator, TooManyKeys, TooManySecrets
from accounts.models import ApiKey, Scope, User
from accounts.services import usage
from accounts.services.locks import lock
from accounts.services.tokens import digest, new_token

BEGINNING = "scr_"
"""Of every key, so that people and scanners for leaked secrets know one when they see it."""
SECRET_BEGINNING = "ek_"
"""Of every client's secret."""
DEFAULT_SCOPES = (Scope.READ, Scope.WRITE, Scope.LIVE)
KEYS_LIMIT = 100
"""Keys in force that one person may have."""
SECRETS_LIMIT = 1000
"""Client's secrets in force that one key may have made."""
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


@transaction.atomic
def create_client_secret(*, parent: ApiKey, session: dict[str, Any], lasts: timedelta) -> tuple[ApiKey, str]:
    """Make a secret that a program hands to a browser; returned beside its row, and cannot be shown again.

    It opens realtime transcription for ``lasts``, set to ``session``, in the name of the parent's person. Raises
    TooManySecrets above SECRETS_LIMIT.
    """
    lock(name=f"client-secrets:{parent.pk}")
    if ApiKey.objects.in_force().filter(parent=parent).count() >= SECRETS_LIMIT:
        raise TooManySecrets
    secret = SECRET_BEGINNING + new_token()
    row = ApiKey.objects.create(
        user=parent.user,
        name=parent.name,
        prefix=secret[:_SHOWN],
        key_hash=digest(secret),
        scopes=[Scope.LIVE.value],
        is_client_secret=True,
        parent=parent,
        session=session,
        expires_at=timezone.now() + lasts,
    )
    return row, secret


def delete_expired_secrets(*, now: datetime) -> int:
    """Forget clients' secrets that open nothing any more; how many they were."""
    return ApiKey.objects.filter(is_client_secret=True, expires_at__lte=now).delete()[0]


def authenticate(*, key: str, client_secrets: bool = False) -> ApiKey | None:
    """The row of a key in force, its ``user`` loaded; None for anything else. Counts as a request of the key.

    Clients' secrets are only known to who asks for them.
    """
    beginnings = (BEGINNING, SECRET_BEGINNING) if client_secrets else BEGINNING
    if not key.startswith(beginnings) or len(key) > _LONGEST:
        return None
    row: ApiKey | None = ApiKey.objects.in_force().select_related("user").filter(key_hash=digest(key)).first()
    if row is not None:
        _note_use(row)
        usage.note_request(key_id=lasting_id(row))
    return row


def lasting_id(row: ApiKey) -> int:
    """The key that what is done with this one counts for: a client's secret is soon forgotten."""
    return row.parent_id or row.pk


def allows(row: ApiKey | None, scope: Scope | str, *, client_secrets: bool = False) -> bool:
    """Whether whoever came with this key may do such a thing. None is a person with a session, who may do anything.

    The scope ``admin`` ends when its person no longer administers. Clients' secrets may do only what is meant for them.
    """
    if row is None:
        return True
    if row.is_client_secret and not client_secrets:
        return False
    return scope in row.scopes and (scope != Scope.ADMIN or row.user.is_superuser)


def _note_use(row: ApiKey) -> None:
    """One UPDATE a minute, however often a key is used, and by however many processes."""
    now = timezone.now()
    if row.last_used_at is None or row.last_used_at < now - _USE_IS_NOTED:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - _USE_IS_NOTED)
        ApiKey.objects.filter(stale, pk=row.pk).update(last_used_at=now)


def is_in_force(*, row: ApiKey) -> bool:
    """Whether a key that was good when a connection began still is. A client's secret only opens the door: who came in
    by it may stay until its key ends."""
    return ApiKey.objects.in_force().filter(pk=lasting_id(row)).exists()


@transaction.atomic
def revoke(*, row: ApiKey) -> bool:
    """End a key; False when it was revoked before. Open connections notice within a minute."""
    return ApiKey.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=timezone.now()) == 1
