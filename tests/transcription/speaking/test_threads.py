"""Calls that wait for a database that is away, and no longer than that."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, OperationalError

from transcription.speaking.threads import persistently


class Failing:
    def __init__(self, error: Exception, times: int) -> None:
        self.error, self.times, self.calls = error, times, 0

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.times:
            raise self.error
        return "done"


async def test_lost_connection_is_tried_again():
    call = Failing(OperationalError("gone"), 2)
    assert await persistently(call, seconds=5) == "done"
    assert call.calls == 3


async def test_patience_ends():
    call = Failing(OperationalError("gone"), 100)
    with pytest.raises(OperationalError):
        await persistently(call, seconds=0.5)
    assert call.calls > 1


async def test_what_would_fail_again_is_not_tried_again():
    call = Failing(IntegrityError("twice"), 1)
    with pytest.raises(IntegrityError):
        await persistently(call, seconds=5)
    assert call.calls == 1
