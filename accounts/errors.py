"""What can go wrong with accounts. ``code`` is stable; ``message`` may be shown to a person, in whose
language it is."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext, gettext_noop


class AccountsError(Exception):
    code = "accounts_error"
    message = gettext_noop("That did not work.")

    def __init__(self) -> None:
        self.message = gettext(type(self).message)
        super().__init__(self.message)


class AccountExists(AccountsError):
    code = "account_exists"
    message = gettext_noop("Somebody already uses this e-mail address.")


class LinkNotValid(AccountsError):
    code = "link_not_valid"
    message = gettext_noop("This link is not valid any more.")


class TooManyAttempts(AccountsError):
    code = "too_many_attempts"
    message = gettext_noop("Too many attempts. Please wait a little.")

    def __init__(self, *, until: datetime) -> None:
        super().__init__()
        self.until = until


class NotAnAdministrator(AccountsError):
    code = "not_an_administrator"
    message = gettext_noop("Only administrators may make keys that administer.")


class TooManySecrets(AccountsError):
    code = "too_many_secrets"
    message = gettext_noop("This key has made too many secrets for clients. Wait until some of them have expired.")


class TooManyKeys(AccountsError):
    code = "too_many_keys"
    message = gettext_noop("You have too many keys. Revoke those that are not needed any more.")
