"""Links by which a recording can be followed or read without an account: made, opened, unlocked, withdrawn."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.core import signing
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext

from accounts import services as accounts
from accounts.errors import TooManyAttempts
from accounts.models import User
from accounts.services.locks import lock
from accounts.services.tokens import digest, new_token
from transcription.enums import LinkKind, LinkRole
from transcription.errors import (
    BadRequest,
    LinkExpired,
    LinkUnknown,
    LinkWithdrawn,
    TooManyShares,
)
from transcription.models import Recording, ShareLink
from transcription.services import events
from transcription.services.texts import clean_line

WRONG_TOKENS = accounts.Limit("share-link", 100, timedelta(minutes=15))
"""For one address: an audience often sits behind one, and nobody finds 256 bits by trying however often."""
WRONG_PASSWORDS = accounts.Limit("link-password", 10, timedelta(minutes=15))
"""For one link and address; ``WRONG_PASSWORDS_IN_ALL`` for one link, wherever they come from."""
WRONG_PASSWORDS_IN_ALL = accounts.Limit("link-password-all", 200, timedelta(minutes=15))
MOST_LINKS = 100
"""In force, of one recording."""
SHORTEST_PASSWORD, LONGEST_PASSWORD = 6, 128
UNLOCKED_SECONDS = 12 * 3600
VISIT_SECONDS = 12 * 3600
"""A page that is open for longer is another visit."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_signer = signing.TimestampSigner(salt="transcription.links")


@dataclass(frozen=True, slots=True)
class LinkChoices:
    """What an owner may choose. ``password`` "" asks for none."""

    kind: str = LinkKind.LIVE
    role: str = LinkRole.VIEW
    label: str = ""
    expires_at: datetime | None = None
    password: str = ""

    def validate(self) -> None:
        """Raises BadRequest."""
        if self.kind not in LinkKind.values or self.role not in LinkRole.values:
            raise BadRequest(gettext("There is no such kind of link."))
        if self.kind == LinkKind.LIVE and self.role == LinkRole.COMMENT:
            raise BadRequest(gettext("Whoever follows live captions cannot comment. Share the transcript instead."))
        if self.expires_at is not None and self.expires_at <= timezone.now():
            raise BadRequest(gettext("This moment is over already."))
        if self.password:
            check_length(self.password)


def check_length(password: str) -> None:
    """Raises BadRequest."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD or "\0" in password:
        raise BadRequest(gettext("A password for a link has at least 6 characters, and at most 128."))


def links_of(*, recording: Recording) -> QuerySet[ShareLink]:
    """Those that are not withdrawn, newest first; what has expired is among them until it is withdrawn."""
    return ShareLink.objects.filter(recording=recording, revoked_at=None).order_by("-created_at", "-pk")


def create_link(*, recording: Recording, user: User, choices: LinkChoices | None = None) -> tuple[ShareLink, str]:
    """Make one more link to ``recording``, for live captions unless something else is chosen.

    Its token is returned here and never again: only its SHA-256 is kept. Raises BadRequest, TooManyShares.
    """
    choices = choices or LinkChoices()
    choices.validate()
    token = new_token()
    with transaction.atomic():
        Recording.objects.select_for_update(no_key=True).get(pk=recording.pk)  # two at once count each other
        if recording.links.in_force().count() >= MOST_LINKS:
            raise TooManyShares
        link = ShareLink.objects.create(
            recording=recording,
            token_hash=digest(token),
            created_by=user,
            kind=choices.kind,
            role=choices.role,
            label=clean_line(choices.label, limit=100),
            expires_at=choices.expires_at,
            password=make_password(choices.password) if choices.password else "",
        )
    return link, token


def change_link(*, link: ShareLink, **changes: Any) -> ShareLink:
    """Another ``label``, ``role``, ``expires_at`` or ``password`` ("": none). Its address and kind stay.

    Whoever had given another password is asked again. Raises BadRequest, and LinkWithdrawn for one that is over.
    """
    choices = LinkChoices(
        kind=link.kind, role=changes.get("role", link.role), label=changes.get("label", link.label),
        expires_at=changes.get("expires_at"), password=changes.get("password", ""),
    )  # fmt: skip
    choices.validate()
    wanted: dict[str, Any] = {"role": choices.role, "label": clean_line(choices.label, limit=100)}
    if "expires_at" in changes:
        wanted["expires_at"] = choices.expires_at
    if "password" in changes:
        wanted["password"] = make_password(choices.password) if choices.password else ""
    if not ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(**wanted):
        raise LinkWithdrawn
    events.live_changed(live_id=link.recording_id)
    link.refresh_from_db()
    return link


def resolve(*, token: str) -> ShareLink | None:
    """The link of ``token``, with its recording, if it is in force and the recording is kept; else None."""
    if not _TOKEN.fullmatch(token):
        return None
    return ShareLink.objects.in_force().select_related("recording").filter(token_hash=digest(token)).first()


def open_link(*, token: str, address: str) -> ShareLink:
    """``resolve`` for whoever comes from ``address``, with a limit on guessing. Ask ``is_unlocked`` before showing any.

    Raises LinkWithdrawn or LinkExpired for a link that was good once, LinkUnknown for one that never was, and
    TooManyAttempts when the address has tried too many. Only what could be a token counts as a try: of a link that was
    cut off when it was passed on, a whole audience tries the same one.
    """
    if not _TOKEN.fullmatch(token):
        raise LinkUnknown
    accounts.refuse_if_exhausted(limit=WRONG_TOKENS, key=address)
    link = resolve(token=token)
    if link is not None:
        return link
    over = ShareLink.objects.filter(token_hash=digest(token)).first()
    if over is not None:
        raise LinkExpired if over.revoked_at is None and over.is_expired else LinkWithdrawn
    accounts.count_attempt(limit=WRONG_TOKENS, key=address)
    raise LinkUnknown


# Passwords ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def unlock(*, link: ShareLink, password: str, address: str) -> str | None:
    """A proof that the password was given, for ``is_unlocked``; None if it is wrong, which is counted.

    Tries from one address come one after the other, so that many at once are not more than are allowed. Raises
    TooManyAttempts.
    """
    here, everywhere = f"{link.pk}:{address}", str(link.pk)
    lock(name=f"link-password:{here}")
    accounts.refuse_if_exhausted(limit=WRONG_PASSWORDS, key=here)
    accounts.refuse_if_exhausted(limit=WRONG_PASSWORDS_IN_ALL, key=everywhere)
    if len(password) <= LONGEST_PASSWORD and check_password(password, link.password):
        return _signer.sign(_fingerprint(link))
    try:
        accounts.count_attempt(limit=WRONG_PASSWORDS_IN_ALL, key=everywhere)
    except TooManyAttempts:
        return None  # others used it up meanwhile: raising would take this count back with the transaction
    accounts.count_attempt(limit=WRONG_PASSWORDS, key=here)
    return None


def is_unlocked(*, link: ShareLink, proof: str | None) -> bool:
    """Whether no password is asked for, or ``proof`` is good: of this password, and not too old."""
    if not link.password:
        return True
    try:
        return _signer.unsign(proof or "", max_age=UNLOCKED_SECONDS) == _fingerprint(link)
    except signing.BadSignature:
        return False


def proof_name(*, link: ShareLink) -> str:
    """Under which a browser keeps the proof."""
    return f"scripta-link-{link.pk}"


def lock_of(*, link: ShareLink) -> str:
    """A sign of the password that the link asks for, which tells nothing of it; "" for none."""
    return _fingerprint(link) if link.password else ""


def _fingerprint(link: ShareLink) -> str:
    """Of link and password: another password makes all proofs void."""
    return salted_hmac("transcription.links", f"{link.pk}:{link.password}", algorithm="sha256").hexdigest()


# Visits and the end ---------------------------------------------------------------------------------------------------


def count_visit(*, link: ShareLink) -> str:
    """Note that somebody has opened the link; a sign of it, with which the rest of the visit is asked for."""
    ShareLink.objects.filter(pk=link.pk).update(visits=F("visits") + 1, last_visit_at=timezone.now())
    return _signer.sign(f"visit:{link.pk}")


def go_on_visiting(*, link: ShareLink, sign: str) -> None:
    """Count whoever asks for text or sound without having opened the page, or long after."""
    try:
        is_counted = _signer.unsign(sign, max_age=VISIT_SECONDS) == f"visit:{link.pk}"
    except signing.BadSignature:
        is_counted = False
    if not is_counted:
        count_visit(link=link)


def revoke_link(*, link: ShareLink) -> bool:
    """Withdraw it; False if it was already. Whoever follows or reads by it is shown out within seconds."""
    revoked = ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now())
    events.live_changed(live_id=link.recording_id)
    return bool(revoked)
