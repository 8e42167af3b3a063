"""The link that lets the person who started a fresh Scripta become its administrator."""

from __future__ import annotations

from datetime import timedelta

from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.errors import LinkNotValid
from accounts.models import FirstRunToken, User
from accounts.services.locks import lock
from accounts.services.tokens import digest, new_token
from accounts.services.users import create_user

LIFETIME = timedelta(hours=24)
LOCK = "first-run"


def administrators() -> models.QuerySet[User]:
    """People who may do everything and can sign in."""
    return User.objects.filter(is_active=True, is_superuser=True)


@transaction.atomic
def first_run_link(*, base_url: str) -> str | None:
    """Make the link for the first administrator, or None when there is one.

    Every call makes a new secret and ends the links given before: the last one printed is the one that works.
    """
    lock(name=LOCK)
    FirstRunToken.objects.all().delete()
    if administrators().exists():
        return None
    token = new_token()
    FirstRunToken.objects.create(token_hash=digest(token), expires_at=timezone.now() + LIFETIME)
    return base_url.rstrip("/") + reverse("accounts:first-run-link", args=[token])


def find_first_run(*, token_hash: str) -> FirstRunToken | None:
    """The token, if it can be used now."""
    if administrators().exists():
        return None
    return FirstRunToken.objects.filter(token_hash=token_hash, expires_at__gt=timezone.now()).first()


@transaction.atomic
def create_first_administrator(*, token_hash: str, email: str, password: str, name: str = "") -> User:
    """Create the first administrator and end the link, under a lock: of two at once, one succeeds.

    Raises LinkNotValid when the link is unknown, used, expired or an administrator exists; AccountExists when the
    address belongs to somebody.
    """
    lock(name=LOCK)
    if find_first_run(token_hash=token_hash) is None:
        raise LinkNotValid
    user = create_user(email=email, password=password, name=name, administrator=True)
    FirstRunToken.objects.all().delete()
    return user
