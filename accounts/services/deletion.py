"""The end of an account: closed at once. What it leaves behind is another's to delete, and then the row."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.errors import LastAdministrator
from accounts.models import ApiKey, Invitation, User
from accounts.services.first_run import LOCK, administrators
from accounts.services.locks import lock


@transaction.atomic
def close_account(*, user: User) -> bool:
    """End sessions and keys, and forget name, address and password; False if it is closed already.

    The address may be used for another account at once. Raises LastAdministrator.
    """
    lock(name=LOCK)
    if user.is_superuser and not administrators().exclude(pk=user.pk).exists():
        raise LastAdministrator
    gone = {
        "deleted_at": timezone.now(),
        "is_active": False,
        "email": f"deleted-{user.pk}@account.invalid",
        "name": "",
        "password": "!",
        "session_epoch": F("session_epoch") + 1,
    }
    if not User.objects.filter(pk=user.pk, deleted_at=None).update(**gone):
        return False
    ApiKey.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())
    Invitation.objects.pending().filter(invited_by=user).update(revoked_at=timezone.now())
    return True


def delete_row(*, user_id: int) -> None:
    """The last step. Only of an account that was closed."""
    User.objects.filter(pk=user_id, deleted_at__isnull=False).delete()
