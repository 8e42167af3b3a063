"""Mails about recordings, each in the language of whoever gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts.languages import language_of
from accounts.models import User

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def send(*, to: User, subject: StrOrPromise, template: str, context: dict[str, Any]) -> None:
    """Send ``transcription/mail/<template>.txt``. ``subject`` is translated late, and then filled from ``context``."""
    with translation.override(language_of(to)):
        body = render_to_string(f"transcription/mail/{template}.txt", context)
        line = str(subject) % context
    send_mail(" ".join(line.split()), body, None, [to.email])


def link_to(name: str, *arguments: object) -> str:
    """The address of a page."""
    base = settings.PUBLIC_URL or f"http://{settings.HOST}:{settings.PORT}"
    return str(base + reverse(name, args=arguments))
