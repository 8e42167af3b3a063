"""What can go wrong with accounts. ``code`` is stable; ``message`` may be shown to a person, in whose
language it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _


class AccountsError(Exception):
    code = "accounts_error"
    message: Any = _("That did not work.")
    """A text, or one that is translated when it is asked for."""

    def __init__(self) -> None:
        self.message = str(type(self).message)
        super().__init__(self.message)


class AccountExists(AccountsError):
    code = "account_exists"
    message = _("Somebody already uses this e-mail address.")


class LinkNotValid(AccountsError):
    code = "link_not_valid"
    message = _("This link is not valid any more.")


class TooManyAttempts(AccountsError):
    code = "too_many_attempts"
    message = _("Too many attempts. Please wait a little.")

    def __init__(self, *, until: datetime) -> None:
        super().__init__()
        self.until = until


class NotAnAdministrator(AccountsError):
    code = "not_an_administrator"
    message = _("Only administrators may make keys that administer.")


class TooManySecrets(AccountsError):
    code = "too_many_secrets"
    message = _("This key has made too many secrets for clients. Wait until some of them have expired.")


class TooManyKeys(AccountsError):
    code = "too_many_keys"
    message = _("You have too many keys. Revoke those that are not needed any more.")


class LastAdministrator(AccountsError):
    code = "last_administrator"
    message = _("This is the only administrator. Make somebody else an administrator first.")
