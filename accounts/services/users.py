from __future__ import annotations

from typing import TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.errors import AccountExists
from accounts.models import User


def create_user(*, email: str, password: str, name: str = "", administrator: bool = False) -> User:
    """Add a person. The password must have passed the validators.

    Raises AccountExists when the e-mail address is taken, in upper or lower case.
    """
    create = User.objects.create_superuser if administrator else User.objects.create_user
    try:
        with transaction.atomic():
            return create(email, password, name=name)
    except IntegrityError as error:
        raise AccountExists from error


class Settings(TypedDict, total=False):
    """Of the profile: the language of pages and mails ("" for that of the browser), and which mails are wanted."""

    language: str
    notify_by_mail: bool
    notify_of_comments: bool


def change_settings(*, user: User, **chosen: Unpack[Settings]) -> None:
    """Keep what a person chose; ``user`` itself stays as it was read."""
    User.objects.filter(pk=user.pk).update(**chosen)


@transaction.atomic
def end_sessions(*, user: User) -> User:
    """Sign a person out on every device; returns the person as stored now, to renew one session with."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    return User.objects.get(pk=user.pk)
