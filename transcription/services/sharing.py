"""Recordings shared with people and groups: granted, changed, withdrawn.

What was withdrawn is gone at the next request; whoever follows over a WebSocket is shown out within a minute.
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import mail
from accounts import services as accounts
from accounts.errors import TooManyAttempts
from accounts.models import User
from transcription.enums import GrantRole
from transcription.errors import BadRequest, NobodyThere, TooManyShares, TooManyTries, WrongState
from transcription.models import Grant, Recording
from transcription.services import queue

MOST_GRANTS = 200
"""Of one recording. Groups are for more."""
UNKNOWN_PEOPLE = accounts.Limit("share-unknown", 20, timedelta(hours=1))
"""Addresses of nobody that one person may try: accounts are not listed, and must not be found by trying either."""


def grants_of(*, recording: Recording) -> QuerySet[Grant]:
    """With the people and groups, in the order in which they were added."""
    return Grant.objects.filter(recording=recording).select_related("user", "group").order_by("created_at", "pk")


def groups_for(*, user: User) -> QuerySet[Group]:
    """Those that the user may share with: the user's own, for administrators all."""
    groups = Group.objects.all() if user.is_superuser else user.groups.all()
    return groups.order_by("name")


def share_with_person(*, recording: Recording, by: User, email: str, role: str) -> Grant:
    """Let the person with exactly this e-mail address see the recording; change the role if it is shared already.

    Mails the person, if mail is set up and this is new. Raises NobodyThere, TooManyTries, WrongState, TooManyShares.
    """
    person = find_person(email=email, by=by)
    if person.pk == recording.owner_id:
        raise WrongState(gettext("This recording belongs to that person already."))
    with transaction.atomic():
        grant, is_new = _grant(recording, by, role, user=person)
        if is_new and mail.is_set_up():
            queue.defer_grant_mail(grant_id=grant.pk)
    return grant


def share_with_group(*, recording: Recording, by: User, group_id: int, role: str) -> Grant:
    """Let everybody in a group see the recording, also those who join later. Raises BadRequest, TooManyShares."""
    return _grant(recording, by, role, group=find_group(group_id=group_id, by=by))[0]


def change_role(*, grant: Grant, role: str) -> Grant:
    """Nothing happens to what has been withdrawn meanwhile. Raises BadRequest."""
    grant.role = known_role(role)
    Grant.objects.filter(pk=grant.pk).update(role=grant.role)
    return grant


def withdraw_grant(*, grant: Grant) -> None:
    """What the others have written stays."""
    Grant.objects.filter(pk=grant.pk).delete()


def find_group(*, group_id: int, by: User) -> Group:
    """One that ``by`` may share with. Raises BadRequest."""
    group = groups_for(user=by).filter(pk=group_id).first()
    if group is None:
        raise BadRequest(_("There is no such group that you are in."))
    return group


def find_person(*, email: str, by: User) -> User:
    """Whose address it is exactly; counts a try for one that is nobody's.

    Raises NobodyThere, and TooManyTries whoever is asked for, so that the limit says nothing either.
    """
    try:
        accounts.refuse_if_exhausted(limit=UNKNOWN_PEOPLE, key=str(by.pk))
        found = User.objects.filter(email__iexact=email.strip().replace("\0", ""), is_active=True).first()
        if found is None:
            accounts.count_attempt(limit=UNKNOWN_PEOPLE, key=str(by.pk))
            raise NobodyThere
    except TooManyAttempts as error:
        raise TooManyTries from error
    return found


@transaction.atomic
def _grant(recording: Recording, by: User, role: str, **to: User | Group) -> tuple[Grant, bool]:
    """The grant, and whether it is new."""
    Recording.objects.select_for_update(no_key=True).get(pk=recording.pk)  # two at once count each other
    wanted = {"role": known_role(role)}
    known = Grant.objects.filter(recording=recording, **to).first()
    if known is not None:
        return change_role(grant=known, role=role), False
    if Grant.objects.filter(recording=recording).count() >= MOST_GRANTS:
        raise TooManyShares
    return Grant.objects.create(recording=recording, created_by=by, **to, **wanted), True


def known_role(role: str) -> str:
    """Raises BadRequest for one that is none."""
    if role not in GrantRole.values:
        raise BadRequest(gettext("There is no such role."))
    return role
