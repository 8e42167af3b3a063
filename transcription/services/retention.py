"""Recordings that go by rule: their sound, or all of them, so many days after they were made.

A person chooses days; an administrator may set bounds, which also hold for whoever has chosen nothing. Nothing goes
that was not announced ``NOTICE`` before, in the row, on the storage page and by mail; confirming a rule that acts at
once counts as such. What is marked as exempt stays, and so does what is being worked on, for that long.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import (
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    Value,
)
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import mail
from accounts.models import User
from transcription.enums import RecordingState
from transcription.errors import BadRequest, ConfirmationNeeded
from transcription.models import Job, Recording, RetentionRule
from transcription.querysets import RecordingQuerySet
from transcription.services import mails, queue, recordings

log = structlog.get_logger(__name__)

NOTICE = timedelta(days=3)
"""Between an announcement and what it announces."""
MAILED_WITHIN = timedelta(hours=12)
"""Of an announcement, its mail: longer than a mail server that is down is tried. What is later is announced anew."""
SHOWN = timedelta(days=7)
"""Before what a rule does, rows tell of it."""
FORESEEN = timedelta(days=30)
"""How far the storage page looks ahead."""
MOST_DAYS = 36_500
MOST_NAMED = 50
"""On the page, in the API and in a mail."""
SOUND, ALL = "sound", "all"
_ANNOUNCED = {SOUND: "sound_announced_at", ALL: "removal_announced_at"}
_SETTLED = [RecordingState.READY, RecordingState.FAILED]


@dataclass(frozen=True, slots=True)
class Policy:
    """Days that hold for a person: chosen, and within what the administrator set. None: never."""

    sound_days: int | None
    all_days: int | None

    def days(self, kind: str) -> int | None:
        if kind == ALL:
            return self.all_days
        comes_first = self.all_days is None or (self.sound_days or 0) < self.all_days
        return self.sound_days if comes_first else None


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What a rule will do next to a recording: ``kind`` is ``SOUND`` or ``ALL``."""

    kind: str
    at: datetime
    days: int
    """Until then, begun ones counted; 0 is today."""


def bounds() -> Policy:
    """What the administrator set."""
    return Policy(settings.RETENTION_SOUND_DAYS or None, settings.RETENTION_DAYS or None)


def policy_of(rule: RetentionRule | None) -> Policy:
    bound = bounds()
    chosen = Policy(rule.sound_days, rule.all_days) if rule else Policy(None, None)
    return Policy(_tighter(chosen.sound_days, bound.sound_days), _tighter(chosen.all_days, bound.all_days))


def _tighter(chosen: int | None, bound: int | None) -> int | None:
    return min((days for days in (chosen, bound) if days is not None), default=None)


def upcoming(recording: Recording, *, now: datetime) -> Upcoming | None:
    """What will happen within ``SHOWN``. Needs ``owner__retention_rule`` loaded; makes no query then."""
    if recording.is_exempt or recording.state not in _SETTLED:
        return None
    policy = policy_of(getattr(recording.owner, "retention_rule", None))
    found = []
    for kind in (SOUND, ALL):
        days = policy.days(kind)
        if days is None or (kind == SOUND and not recording.media):
            continue
        announced = getattr(recording, _ANNOUNCED[kind]) or now
        at = max(recording.created_at + timedelta(days=days), announced + NOTICE)
        if at <= now + SHOWN:
            found.append(Upcoming(kind, at, max((at - now).days, 0)))
    return min(found, key=lambda each: each.at, default=None)


# Choosing -----------------------------------------------------------------------------------------------------------


def rule_of(user: User) -> RetentionRule | None:
    found: RetentionRule | None = RetentionRule.objects.filter(user=user).first()
    return found


def change_rule(
    *, user: User, sound_days: int | None, all_days: int | None, confirmed: int | None = None
) -> RetentionRule:
    """Set the person's rule. Earlier announcements are void; what it does at once was announced by the confirmation.

    Raises BadRequest, and ConfirmationNeeded when recordings are older than the rule allows, unless ``confirmed`` is
    exactly their number. Recordings go with the next sweep, not in this call.
    """
    _check(sound_days, bounds().sound_days)
    _check(all_days, bounds().all_days)
    now = timezone.now()
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        chosen = {"sound_days": sound_days, "all_days": all_days}
        rule, _made = RetentionRule.objects.update_or_create(user=user, defaults=chosen)
        own = Recording.objects.filter(owner=user)
        own.update(sound_announced_at=None, removal_announced_at=None)
        overdue = {kind: Q(pk__in=_over(own, kind, now).values("pk")) for kind in (SOUND, ALL)}
        if count := own.filter(overdue[SOUND] | overdue[ALL]).count():
            if confirmed != count:
                raise ConfirmationNeeded(count)
            for kind, those in overdue.items():
                own.filter(those).update(**{_ANNOUNCED[kind]: now - NOTICE})
    return rule


def _check(days: int | None, bound: int | None) -> None:
    if days is None:
        return
    if not 1 <= days <= MOST_DAYS:
        raise BadRequest(gettext("Choose from 1 to %(most)d days.") % {"most": MOST_DAYS})
    if bound is not None and days > bound:
        raise BadRequest(gettext("On this server it may be %(most)d days at most.") % {"most": bound})


# What is due ----------------------------------------------------------------------------------------------------------


def planned(rows: RecordingQuerySet, kind: str, now: datetime) -> RecordingQuerySet:
    """Those to which a rule will do this, with ``planned`` (by the rule) and ``due`` (not before it was announced)."""
    announced = Coalesce(F(_ANNOUNCED[kind]), Value(now, output_field=DateTimeField()))
    settled = rows.filter(state__in=_SETTLED, is_exempt=False, delete_after=None)
    idle = settled.filter(~Exists(Job.objects.active().filter(recording=OuterRef("pk"))))
    found = idle.annotate(planned=_moment(kind), planned_all=_moment(ALL)).exclude(planned=None)
    if kind == SOUND:
        found = found.exclude(media="").filter(Q(planned_all=None) | Q(planned__lt=F("planned_all")))
    later = ExpressionWrapper(announced + Value(NOTICE), output_field=DateTimeField())
    dated: RecordingQuerySet = found.annotate(due=Greatest(F("planned"), later))
    return dated


def _over(rows: RecordingQuerySet, kind: str, now: datetime) -> RecordingQuerySet:
    return planned(rows, kind, now).filter(planned__lte=now)


def _moment(kind: str) -> Any:
    """When the rule would act; NULL: never."""
    bound = bounds().sound_days if kind == SOUND else bounds().all_days
    days: Any = F(f"owner__retention_rule__{kind}_days")
    if bound is not None:
        days = Least(Coalesce(days, Value(bound)), Value(bound), output_field=IntegerField())
    span = ExpressionWrapper(days * Value(timedelta(days=1)), output_field=DurationField())
    return ExpressionWrapper(F("created_at") + span, output_field=DateTimeField())


@dataclass(frozen=True, slots=True)
class Foreseen:
    """``rows``: the next that go, at most ``MOST_NAMED``; what goes of each, and when. ``more`` go later."""

    rows: list[tuple[Recording, str, datetime]]
    more: int


def foreseen(*, user: User, now: datetime) -> Foreseen:
    """The person's recordings that go within ``FORESEEN``, the next first."""
    found, count = [], 0
    for kind in (SOUND, ALL):
        rows = planned(Recording.objects.filter(owner=user), kind, now).filter(due__lte=now + FORESEEN)
        next_ones = rows.order_by("due", "pk")[:MOST_NAMED]
        count += len(next_ones) if len(next_ones) < MOST_NAMED else rows.count()
        found += [(row, kind, row.due) for row in next_ones]
    named = sorted(found, key=lambda each: (each[2], each[0].pk))[:MOST_NAMED]
    return Foreseen(named, count - len(named))


# What the clock does --------------------------------------------------------------------------------------------------


def sweep(*, now: datetime) -> tuple[int, int]:
    """Announce what comes soon, and do what is due: how many lost their sound, and how many will be deleted for good.

    Safe to repeat, and to be killed at any moment.
    """
    _forget_announcements(now)
    for user_id, announced_at in queue.failed_retention_mails():
        _withdraw(user_id, announced_at)
    _announce(now)
    everything = Recording.objects.all()
    gone = sum(_remove(row, now) for row in _due(everything, ALL, now).only("pk").iterator())
    sound = sum(_remove_sound(row, now) for row in _due(everything, SOUND, now).only("pk").iterator())
    if sound or gone:
        log.info("retention", sound=sound, recordings=gone)
    return sound, gone


def _due(rows: RecordingQuerySet, kind: str, now: datetime) -> RecordingQuerySet:
    due: RecordingQuerySet = planned(rows, kind, now).filter(due__lte=now)
    return due


def _remove_sound(row: Recording, now: datetime) -> bool:
    with transaction.atomic():
        return _hold_due(row, SOUND, now) and recordings.remove_sound(recording_id=row.pk)


def _remove(row: Recording, now: datetime) -> bool:
    with transaction.atomic():
        return _hold_due(row, ALL, now) and bool(recordings.purge_soon(rows=Recording.objects.filter(pk=row.pk)))


def _hold_due(row: Recording, kind: str, now: datetime) -> bool:
    """Whether it is due still: a sweep is long, and a rule can be taken back or work begin meanwhile. Its row is locked
    first, so that whoever changes either comes before this or after."""
    rows = Recording.objects.filter(pk=row.pk)
    held = rows.select_for_update(no_key=True).values_list("pk").first()
    return held is not None and _due(rows, kind, now).exists()


def _announce(now: datetime) -> None:
    """Each recording once, and one mail for all of a person's."""
    told: set[int] = set()
    with transaction.atomic():
        for kind, column in _ANNOUNCED.items():
            soon = planned(Recording.objects.filter(**{column: None}), kind, now).filter(planned__lte=now + NOTICE)
            told |= set(soon.order_by().values_list("owner_id", flat=True).distinct())
            Recording.objects.filter(pk__in=soon.values("pk")).update(**{column: now})
        for user_id in told:
            queue.defer_retention_mail(user_id=user_id, announced_at=now)


def _forget_announcements(now: datetime) -> None:
    """Of what no rule touches any more, or only later: it is announced anew when its time comes."""
    for kind, column in _ANNOUNCED.items():
        announced = Recording.objects.exclude(**{column: None}).annotate(planned=_moment(kind))
        later = Q(planned=None) | Q(planned__gt=now + NOTICE) | Q(is_exempt=True)
        Recording.objects.filter(pk__in=announced.filter(later).values("pk")).update(**{column: None})


def _withdraw(user_id: int, announced_at: datetime) -> None:
    """An announcement that no mail told of: the next sweep makes it anew, and what it announces comes later."""
    rows = Recording.objects.filter(owner=user_id)
    count = sum(rows.filter(**{column: announced_at}).update(**{column: None}) for column in _ANNOUNCED.values())
    if count:
        log.warning("announcement not mailed", user=user_id, recordings=count)


def mail_announcement(*, user_id: int, announced_at: datetime) -> None:
    """Tell a person what was announced at that moment, and not averted since. Nothing without a mail server: there the
    row and the storage page are all that tells."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or not mail.is_set_up():
        return
    if timezone.now() > announced_at + MAILED_WITHIN:
        _withdraw(user_id, announced_at)
        return
    own = Recording.objects.filter(owner=user)
    context: dict[str, Any] = {"link": mails.link_to("storage")}
    for kind, column in _ANNOUNCED.items():
        rows = planned(own, kind, announced_at).filter(**{column: announced_at}).order_by("due", "pk")
        context |= {kind: list(rows[:MOST_NAMED]), f"more_{kind}": max(0, rows.count() - MOST_NAMED)}
    if not (context[SOUND] or context[ALL]):
        return
    mails.send(to=user, subject=_("Recordings that will be deleted soon"), template="retention", context=context)
