from __future__ import annotations

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


def choose_language(*, user: User, language: str) -> None:
    """Keep the language in which a person reads the pages."""
    User.objects.filter(pk=user.pk).update(language=language)


@transaction.atomic
def end_sessions(*, user: User) -> User:
    """Sign a person out on every device; returns the person as stored now, to renew one session with."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    return User.objects.get(pk=user.pk)
