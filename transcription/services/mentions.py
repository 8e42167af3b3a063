"""Whom a comment names: ``@``, and the name or the address of somebody who sees the recording.

Whoever is named is told by mail (``comment_mails``), and whoever can be is offered while somebody types: both ask here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

from django.db.models import Case, CharField, Min, Q, QuerySet, Value, When
from django.db.models.functions import Lower

from accounts.models import User
from transcription.models import Grant, Recording
from transcription.services.texts import clean_line

LONGEST = 150
"""Of a name, in characters."""
_AFTER_NAME = re.compile(r"(?![\w@])")
_Membership = User.groups.through


def people_of(*, recording_id: UUID) -> QuerySet[User]:
    """Who sees it with an account in force, each once: the owner, and the people and groups that it is shared with."""
    grants = Grant.objects.filter(recording=recording_id)
    members = _Membership.objects.filter(group__in=grants.exclude(group=None).values("group"))
    sees = Q(pk__in=Recording.objects.filter(pk=recording_id).values("owner"))
    sees |= Q(pk__in=grants.exclude(user=None).values("user")) | Q(pk__in=members.values("user"))
    return User.objects.filter(sees, is_active=True)


def people_named(*, recording_id: UUID, text: str) -> list[User]:
    """Those of ``people_of`` who are named in it."""
    return [person for person in people_of(recording_id=recording_id) if names(text, person)] if "@" in text else []


def names(text: str, person: User) -> bool:
    """Whether ``@`` and the person's name or address stand in it, in any case of letters."""
    plain = text.casefold()
    for name in _ways_to_name(person):
        at = plain.find(sought := f"@{name.casefold()}")
        while at >= 0:
            if _AFTER_NAME.match(plain, at + len(sought)):
                return True
            at = plain.find(sought, at + 1)
    return False


def _ways_to_name(person: User) -> Iterator[str]:
    """As a comment would hold them: its text is cleaned in the same way."""
    return filter(None, (clean_line(person.name, limit=LONGEST), person.email))


def people_to_offer(*, recording: Recording, asker: User, beginning: str = "") -> QuerySet[User]:
    """Others whom ``asker`` can name, with what to write after ``@`` as ``offered``; those whose first or a later word
    begins so.

    Whoever has no name is there only if the asker has the address already: the owner's stands at the recording, and
    the owner has typed those that it is shared with.
    """
    known = Q(pk=recording.owner_id)
    if asker.pk == recording.owner_id:
        known |= Q(pk__in=Grant.objects.filter(recording=recording).exclude(user=None).values("user"))
    offered = Case(
        When(~Q(name=""), then="name"), When(known, then="email"), default=Value(""), output_field=CharField()
    )
    rows = people_of(recording_id=recording.pk).exclude(pk=asker.pk).annotate(offered=offered).exclude(offered="")
    sought = _sought(beginning)
    return rows.filter(Q(offered__istartswith=sought) | Q(offered__icontains=f" {sought}")) if sought else rows


def names_to_offer(*, recording: Recording, asker: User, beginning: str = "", most: int) -> list[str]:
    """What ``people_to_offer`` are called, in the order of the alphabet. A name that several have is there once: it
    names them all."""
    people = people_to_offer(recording=recording, asker=asker, beginning=beginning)
    written = people.values(in_order=Lower("offered")).annotate(as_written=Min("offered")).order_by("in_order")
    found = (clean_line(name, limit=LONGEST) for name in written.values_list("as_written", flat=True)[:most])
    return [name for name in found if name]


def _sought(beginning: str) -> str:
    """A blank at the end says that the word before it is whole."""
    sought = clean_line(beginning, limit=LONGEST)
    return f"{sought} " if sought and beginning[-1:].isspace() else sought
