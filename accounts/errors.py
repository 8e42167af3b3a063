"""What can go wrong with accounts. ``code`` is stable; ``message`` may be shown to a person."""

from __future__ import annotations

from datetime import datetime


class AccountsError(Exception):
    code = "accounts_error"
    message = "That did not work."

    def __init__(self) -> None:
        super().__init__(self.message)


class AccountExists(AccountsError):
    code = "account_exists"
    message = "Somebody already uses this e-mail address."


class LinkNotValid(AccountsError):
    code = "link_not_valid"
    message = "This link is not valid any more."


class TooManyAttempts(AccountsError):
    code = "too_many_attempts"
    message = "Too many attempts. Please wait a little."

    def __init__(self, *, until: datetime) -> None:
        super().__init__()
        self.until = until


class NotAnAdministrator(AccountsError):
    code = "not_an_administrator"
    message = "Only administrators may make keys that administer."


class TooManySecrets(AccountsError):
    code = "too_many_secrets"
    message = "This key has made too many secrets for clients. Wait until some of them have expired."


class TooManyKeys(AccountsError):
    code = "too_many_keys"
    message = "You have too many keys. Revoke those that are not needed any more."


class LastAdministrator(AccountsError):
    code = "last_administrator"
    message = "This is the only administrator. Make somebody else an administrator first."
