"""Invitations: an administrator lets one person make an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import mail
from accounts.errors import AccountExists, LinkNotValid
from accounts.models import Invitation, User
from accounts.services.locks import lock
from accounts.services.tokens import digest, new_token
from accounts.services.users import create_user

LIFETIME = timedelta(days=7)


@dataclass(frozen=True)
class Invited:
    """``link`` cannot be shown again later. ``mailed``: a mail server took the mail."""

    invitation: Invitation
    link: str
    mailed: bool


def invite(*, by: User, email: str, as_administrator: bool = False, base_url: str) -> Invited:
    """Invite a person and mail the link; earlier invitations of that address end.

    Raises AccountExists when the address belongs to somebody.
    """
    token = new_token()
    with transaction.atomic():
        lock(name=f"invitation:{email.casefold()}")
        if User.objects.filter(email__iexact=email).exists():
            raise AccountExists
        Invitation.objects.pending().filter(email__iexact=email).update(revoked_at=timezone.now())
        invitation = Invitation.objects.create(
            email=email,
            as_administrator=as_administrator,
            invited_by=by,
            token_hash=digest(token),
            expires_at=timezone.now() + LIFETIME,
        )
    return _deliver(invitation, token, base_url)


def renew_invitation(*, invitation: Invitation, base_url: str) -> Invited:
    """Give an invitation a new link and a new term, and mail it; the old link ends.

    Raises LinkNotValid when it was accepted or revoked meanwhile.
    """
    token = new_token()
    with transaction.atomic():
        locked = Invitation.objects.select_for_update().get(pk=invitation.pk)
        if locked.state in ("accepted", "revoked"):
            raise LinkNotValid
        locked.token_hash = digest(token)
        locked.expires_at = timezone.now() + LIFETIME
        locked.save()
    return _deliver(locked, token, base_url)


def _deliver(invitation: Invitation, token: str, base_url: str) -> Invited:
    """Mail after the commit: a slow mail server must not hold a lock, and its failure does not undo the invitation."""
    link = base_url.rstrip("/") + reverse("accounts:invitation-link", args=[token])
    mailed = mail.send(to=invitation.email, template="invitation", context={"invitation": invitation, "link": link})
    return Invited(invitation=invitation, link=link, mailed=mailed)


@transaction.atomic
def revoke_invitation(*, invitation: Invitation) -> bool:
    """End an invitation that was not accepted; False when there was nothing left to end."""
    return Invitation.objects.pending().filter(pk=invitation.pk).update(revoked_at=timezone.now()) == 1


def find_invitation(*, token_hash: str) -> Invitation | None:
    """The invitation, if it can be accepted now."""
    return Invitation.objects.pending().filter(token_hash=token_hash).first()


@transaction.atomic
def accept_invitation(*, token_hash: str, password: str, name: str = "") -> User:
    """Create the invited account, once: the row is locked, so of two at once, one succeeds.

    Raises LinkNotValid when the link is unknown, used, revoked or expired; AccountExists when the address was taken
    in another way meanwhile.
    """
    invitation = Invitation.objects.pending().filter(token_hash=token_hash).select_for_update().first()
    if invitation is None:
        raise LinkNotValid
    user = create_user(email=invitation.email, password=password, name=name, administrator=invitation.as_administrator)
    invitation.accepted_at = timezone.now()
    invitation.accepted_by = user
    invitation.save()
    return user
