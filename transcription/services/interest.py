"""Whether work on a row is still wanted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

ASK_SECONDS = 0.5
"""Between two looks at the database."""


@dataclass
class Interest:
    """Says whether to stop: this worker is ending, or the row is no longer this attempt's.

    ``is_wanted`` is given the share of the work that is done, to note it on the way. It is not asked again after a no.
    """

    worker_stops: Callable[[], bool]
    is_wanted: Callable[[float], bool]
    share: float = 0.0
    _asked: float = field(default=0.0, init=False)
    _is_lost: bool = field(default=False, init=False)

    def is_gone(self) -> bool:
        if self.worker_stops() or self._is_lost:
            return True
        if (now := time.monotonic()) - self._asked >= ASK_SECONDS:
            self._asked = now
            self._is_lost = not self.is_wanted(self.share)
        return self._is_lost
