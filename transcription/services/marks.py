"""Tags and favourites: what people put on recordings for themselves. Nobody else sees them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from accounts.models import User
from transcription.enums import TagColor
from transcription.errors import BadRequest, TagExists, TooManyTags
from transcription.models import Favourite, Recording, Tag, TagUse
from transcription.services.recordings import clean_line

MOST_TAGS = 200
"""Of one person: more could not be chosen from."""
MOST_LETTERS = 40


def create_tag(*, owner: User, name: str, color: str = "") -> Tag:
    """Raises BadRequest for a name or colour that will not do, TagExists in any case of letters, TooManyTags."""
    name, color = _checked(name, color or TagColor.GREY)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)
        if Tag.objects.filter(owner=owner).count() >= MOST_TAGS:
            raise TooManyTags
        try:
            with transaction.atomic():
                return Tag.objects.create(owner=owner, name=name, color=color)
        except IntegrityError as error:
            raise TagExists from error


def find_or_create_tag(*, owner: User, name: str) -> Tag:
    """By its name, in any case of letters. Raises BadRequest, TooManyTags."""
    name, color = _checked(name, TagColor.GREY)
    found: Tag | None = Tag.objects.filter(owner=owner, name__iexact=name).first()
    if found is not None:
        return found
    try:
        return create_tag(owner=owner, name=name, color=color)
    except TagExists:  # made in this moment
        return Tag.objects.get(owner=owner, name__iexact=name)


def change_tag(*, tag: Tag, name: str | None = None, color: str | None = None) -> Tag:
    """Rename it, or give it another colour. Raises BadRequest, TagExists."""
    name, color = _checked(tag.name if name is None else name, tag.color if color is None else color)
    try:
        with transaction.atomic():
            Tag.objects.filter(pk=tag.pk).update(name=name, color=color)
    except IntegrityError as error:
        raise TagExists from error
    tag.name, tag.color = name, color
    return tag


@transaction.atomic
def merge_tags(*, tag: Tag, into: Tag) -> None:
    """Everything that has ``tag`` has ``into`` instead; ``tag`` is gone. Both are one person's."""
    if tag.owner_id != into.owner_id or tag.pk == into.pk:
        raise BadRequest(gettext("A tag can be merged into another one of your own."))
    moved = TagUse.objects.filter(tag=tag).values_list("recording", flat=True)
    rows = [TagUse(tag=into, recording_id=recording_id) for recording_id in moved]
    TagUse.objects.bulk_create(rows, ignore_conflicts=True)
    tag.delete()


def delete_tag(*, tag: Tag) -> None:
    """The tag goes from everything that has it; the recordings stay."""
    tag.delete()


def add_tag(*, tag: Tag, recordings: Iterable[Recording]) -> None:
    """On recordings that its owner sees: whoever calls has looked. One that has it already keeps it."""
    TagUse.objects.bulk_create((TagUse(tag=tag, recording=row) for row in recordings), ignore_conflicts=True)


def remove_tag(*, tag: Tag, recordings: Iterable[Recording]) -> None:
    TagUse.objects.filter(tag=tag, recording__in=list(recordings)).delete()


@transaction.atomic
def set_tags(*, user: User, recording: Recording, tags: Iterable[Tag]) -> None:
    """The recording has exactly these of the person's tags, and what others have put on it."""
    wanted = [tag for tag in tags if tag.owner_id == user.pk]
    TagUse.objects.filter(tag__owner=user, recording=recording).exclude(tag__in=wanted).delete()
    for tag in wanted:
        add_tag(tag=tag, recordings=[recording])


def set_favourite(*, user: User, recordings: Iterable[Recording], is_favourite: bool) -> None:
    """For that person alone. Safe to repeat."""
    if is_favourite:
        rows = [Favourite(user=user, recording=recording) for recording in recordings]
        Favourite.objects.bulk_create(rows, ignore_conflicts=True)
    else:
        Favourite.objects.filter(user=user, recording__in=list(recordings)).delete()


def _checked(name: str, color: str) -> tuple[str, str]:
    cleaned = clean_line(name, limit=MOST_LETTERS + 1)
    if not cleaned or len(cleaned) > MOST_LETTERS:
        raise BadRequest(gettext("A tag has a name of 1 to %(most)d characters.") % {"most": MOST_LETTERS})
    if color not in TagColor.values:
        raise BadRequest(
            gettext("A tag has one of these colours: %(colors)s.") % {"colors": ", ".join(TagColor.values)}
        )
    return cleaned, color
