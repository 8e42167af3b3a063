"""Mails about accounts."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

logger = structlog.get_logger(__name__)
_executor = ThreadPoolExecutor(max_workers=2, thread_name_prefix="mail")


def is_set_up() -> bool:
    """Whether mails leave this machine; else they are printed to the console."""
    return not settings.EMAIL_BACKEND.endswith(".console.EmailBackend")


def send(*, to: str, template: str, context: dict[str, Any], language: str = "") -> bool:
    """Send ``accounts/mail/<template>.txt`` in ``language``, or that of whoever asks; True when a mail server took it.

    A mail printed to the console counts as not sent: nobody but the administrator of the machine sees it.
    """
    delivered = _deliver(_message(to, template, context, language))
    return delivered and is_set_up()


def send_later(*, to: str, template: str, context: dict[str, Any], language: str = "") -> Future[bool]:
    """Send from another thread, so that how long an answer takes does not tell whether a mail was sent."""
    return _executor.submit(_deliver, _message(to, template, context, language))


def _message(to: str, template: str, context: dict[str, Any], language: str) -> EmailMessage:
    with translation.override(language or translation.get_language()):
        subject = render_to_string(f"accounts/mail/{template}_subject.txt", context)
        body = render_to_string(f"accounts/mail/{template}.txt", context)
    return EmailMessage(subject=" ".join(subject.split()), body=body, to=[to])


def _deliver(message: EmailMessage) -> bool:
    try:
        return message.send() == 1
    except OSError:  # refused, timed out, unknown host, smtplib.SMTPException: all of them
        logger.exception("mail_failed", subject=message.subject)
        return False
