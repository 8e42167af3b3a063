"""What somebody who sees a recording may not do to it. Whoever does not see it is told that it does not exist."""

from __future__ import annotations

from accounts.models import User
from transcription.errors import NotTheOwner
from transcription.models import Recording


def require_owner(*, recording: Recording, user: User) -> None:
    """Raises NotTheOwner."""
    if recording.owner_id != user.pk:
        raise NotTheOwner
