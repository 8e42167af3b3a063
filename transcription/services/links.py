"""Links that let an audience follow a recording: made, opened, withdrawn."""

from __future__ import annotations

import re
from datetime import timedelta

from django.utils import timezone

from accounts import services as accounts
from accounts.models import User
from accounts.services.tokens import digest, new_token
from transcription.errors import LinkUnknown, LinkWithdrawn
from transcription.models import Recording, ShareLink
from transcription.services import events

WRONG_TOKENS = accounts.Limit("share-link", 100, timedelta(minutes=15))
"""For one address: an audience often sits behind one, and nobody finds 256 bits by trying however often."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def create_link(*, recording: Recording, user: User) -> tuple[ShareLink, str]:
    """Make one more link to ``recording``. Its token is returned here and never again: only its SHA-256 is kept."""
    token = new_token()
    link = ShareLink.objects.create(recording=recording, token_hash=digest(token), created_by=user)
    return link, token


def resolve(*, token: str) -> ShareLink | None:
    """The link of ``token``, with its recording, if it is in force and the recording is kept; else None."""
    if not _TOKEN.fullmatch(token):
        return None
    return ShareLink.objects.in_force().select_related("recording").filter(token_hash=digest(token)).first()


def open_link(*, token: str, address: str) -> ShareLink:
    """``resolve`` for whoever comes from ``address``, with a limit on guessing.

    Raises LinkWithdrawn for a link that was good once, LinkUnknown for one that never was, and TooManyAttempts when
    the address has tried too many. Only what could be a token counts as a try: of a link that was cut off when it was
    passed on, a whole audience tries the same one.
    """
    if not _TOKEN.fullmatch(token):
        raise LinkUnknown
    accounts.refuse_if_exhausted(limit=WRONG_TOKENS, key=address)
    link = resolve(token=token)
    if link is not None:
        return link
    if ShareLink.objects.filter(token_hash=digest(token)).exists():
        raise LinkWithdrawn
    accounts.count_attempt(limit=WRONG_TOKENS, key=address)
    raise LinkUnknown


def revoke_link(*, link: ShareLink) -> bool:
    """Withdraw it; False if it was already. Whoever follows by it is shown out within seconds."""
    revoked = ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now())
    events.live_changed(live_id=link.recording_id)
    return bool(revoked)
