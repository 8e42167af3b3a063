"""Answers that are given again: a program that lost an answer asks once more, and nothing is done twice.

Bodies are kept encrypted under the server's secret key, because a new API key, shown once, is among them.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from transcription.errors import KeyReused, SameKeyRunning
from transcription.models import IdempotentAnswer

KEPT = timedelta(hours=24)
LOST = timedelta(minutes=10)
"""After so long without an answer, the process that worked on it is taken for dead."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def begin(*, user: User, key: str, fingerprint: str) -> tuple[IdempotentAnswer, Answer | None]:
    """Reserve the key, or find what was answered. Without an answer the caller works, then calls finish or give_up.

    Raises KeyReused for another request under the same key, SameKeyRunning while another works on the same.
    """
    now = timezone.now()
    with transaction.atomic():
        row, is_new = IdempotentAnswer.objects.get_or_create(user=user, key=key, defaults={"fingerprint": fingerprint})
        if is_new:
            return row, None
        row = IdempotentAnswer.objects.select_for_update().filter(pk=row.pk).first() or row
        is_over = row.created_at < now - (KEPT if row.status else LOST)
        if is_over:
            row.fingerprint, row.status, row.created_at = fingerprint, None, now
            row.save(update_fields=["fingerprint", "status", "created_at"])
            return row, None
    if row.fingerprint != fingerprint:
        raise KeyReused
    answer = _stored(row)
    if answer is None:
        raise SameKeyRunning
    return row, answer


def finish(*, row: IdempotentAnswer, answer: Answer) -> None:
    IdempotentAnswer.objects.filter(pk=row.pk, created_at=row.created_at).update(
        status=answer.status, headers=answer.headers, body=_box().encrypt(answer.body)
    )


def give_up(*, row: IdempotentAnswer) -> None:
    """The request failed: it may be sent again as if it had never come."""
    IdempotentAnswer.objects.filter(pk=row.pk, created_at=row.created_at, status=None).delete()


def forget_old(*, now: datetime) -> int:
    """Delete what nobody is answered with any more; returns how many."""
    return IdempotentAnswer.objects.filter(created_at__lt=now - KEPT).delete()[0]


def _stored(row: IdempotentAnswer) -> Answer | None:
    if row.status is None:
        return None
    try:
        return Answer(row.status, row.headers, _box().decrypt(bytes(row.body)))
    except InvalidToken as error:  # the server was given another secret key
        raise KeyReused from error


def _box() -> Fernet:
    secret = hashlib.sha256(b"scripta.answers:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(secret))
