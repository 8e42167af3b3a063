"""Everything that changes accounts. Pages, admin and commands call these, each of them one transaction."""

from accounts.services.first_run import administrators, create_first_administrator, find_first_run, first_run_link
from accounts.services.invitations import (
    Invited,
    accept_invitation,
    find_invitation,
    invite,
    renew_invitation,
    revoke_invitation,
)
from accounts.services.throttle import Limit, count_attempt, refuse_if_exhausted
from accounts.services.users import change_settings, create_user, end_sessions

__all__ = [
    "Invited",
    "Limit",
    "accept_invitation",
    "administrators",
    "change_settings",
    "count_attempt",
    "create_first_administrator",
    "create_user",
    "end_sessions",
    "find_first_run",
    "find_invitation",
    "first_run_link",
    "invite",
    "refuse_if_exhausted",
    "renew_invitation",
    "revoke_invitation",
]
