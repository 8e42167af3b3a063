"""Many recordings shared with one person or group at once, and that taken back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext

from accounts import mail
from accounts.models import User
from transcription.enums import GrantRole
from transcription.errors import BadRequest, WrongState
from transcription.models import Grant, Recording
from transcription.querysets import RecordingQuerySet
from transcription.services import queue, sharing

MAIL_AFTER = 60
"""Seconds: whoever chose the wrong person sees it at once, and takes it back before a mail is sent."""
TAKEN_BACK_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Step:
    """One grant that was made or changed; ``earlier``: the role that was there before, none if there was no grant."""

    grant_id: int
    earlier: GrantRole | None = None


@dataclass(slots=True)
class Shared:
    """``refused``: the recordings that were left as they are, by the reason in words for the user."""

    done: list[Recording] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    refused: dict[str, list[Recording]] = field(default_factory=dict)

    def refuse(self, recording: Recording, reason: str) -> None:
        self.refused.setdefault(reason, []).append(recording)


@transaction.atomic
def share(*, rows: RecordingQuerySet, by: User, to: User | Group, role: str) -> Shared:
    """Let ``to`` see those of ``rows`` that are ``by``'s own; whoever sees one already gets the new role in it.

    ``rows``: what ``by`` sees; they are locked, in the order of their numbers. A person is told by one mail, a minute
    later. Raises BadRequest for a role that is none, WrongState for sharing with oneself.
    """
    if to == by:
        raise WrongState(gettext("These recordings are yours already: choose somebody else."))
    role = sharing.known_role(role)
    whom = {"user": to} if isinstance(to, User) else {"group": to}
    locked = list(rows.select_for_update(no_key=True, of=("self",)).order_by("pk"))
    outcome = Shared()
    own = [row for row in locked if row.owner_id == by.pk]
    known = {grant.recording_id: grant for grant in Grant.objects.filter(recording__in=own, **whom)}
    counted = Grant.objects.filter(recording__in=own).order_by().values_list("recording").annotate(Count("pk"))
    numbers = dict(counted)
    new: list[Grant] = []
    for row in locked:
        if row.owner_id != by.pk:
            outcome.refuse(row, gettext("somebody else owns it"))
        elif row.pk in known:
            _change(outcome, row, known[row.pk], role)
        elif numbers.get(row.pk, 0) >= sharing.MOST_GRANTS:
            outcome.refuse(row, gettext("it is shared with as many as can be"))
        else:
            outcome.done.append(row)
            new.append(Grant(recording=row, created_by=by, role=role, **whom))
    _save(outcome, new, role)
    if new and isinstance(to, User) and mail.is_set_up():
        queue.defer_grants_mail(grant_ids=[grant.pk for grant in new], seconds=MAIL_AFTER)
    return outcome


def _change(outcome: Shared, row: Recording, grant: Grant, role: str) -> None:
    if grant.role == role:
        outcome.refuse(row, gettext("it is shared in this way already"))
    else:
        outcome.done.append(row)
        outcome.steps.append(Step(grant.pk, GrantRole(grant.role)))


def _save(outcome: Shared, new: list[Grant], role: str) -> None:
    Grant.objects.filter(pk__in=[step.grant_id for step in outcome.steps]).update(role=role)
    outcome.steps += [Step(grant.pk) for grant in Grant.objects.bulk_create(new)]


@transaction.atomic
def take_back(*, by: User, steps: Iterable[Step]) -> int:
    """Withdraw what was new, give back the earlier role to the rest; how many recordings that changed.

    Only grants in ``by``'s own recordings, and only what ``by`` could do one by one. Raises BadRequest for what was
    shared longer ago than a day: an old notice takes nothing back by surprise.
    """
    wanted = {step.grant_id: step.earlier for step in steps}
    grants = list(Grant.objects.select_for_update().filter(pk__in=wanted, recording__owner=by).order_by("pk"))
    new = [grant for grant in grants if wanted[grant.pk] is None]
    if any(timezone.now() - grant.created_at > TAKEN_BACK_WITHIN for grant in new):
        raise BadRequest(gettext("That was longer ago than a day: withdraw it where each recording is shared."))
    for role in GrantRole:
        Grant.objects.filter(pk__in=[grant.pk for grant in grants if wanted[grant.pk] == role]).update(role=role)
    Grant.objects.filter(pk__in=[grant.pk for grant in new]).delete()
    return len(grants)
