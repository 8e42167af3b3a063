"""What somebody who sees a recording may not do to it. Whoever does not see it is told that it does not exist."""

from __future__ import annotations

from accounts.models import User
from transcription.errors import NotAnEditor, NotTheOwner
from transcription.models import Recording


def require_owner(*, recording: Recording, user: User) -> None:
    """Raises NotTheOwner."""
    if recording.owner_id != user.pk:
        raise NotTheOwner


def may_edit(*, recording: Recording, user: User) -> bool:
    """Whether this person may correct the text."""
    is_owner = recording.owner_id == user.pk
    return is_owner or Recording.objects.editable_by(user).filter(pk=recording.pk).exists()


def require_editor(*, recording: Recording, user: User) -> None:
    """Raises NotAnEditor."""
    if not may_edit(recording=recording, user=user):
        raise NotAnEditor
