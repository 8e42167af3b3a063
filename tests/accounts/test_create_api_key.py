from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.services import keys


def test_key_alone_is_printed_and_opens(user: User, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_api_key", "ADA@example.org", "--name", "laptop")
    printed = capsys.readouterr()
    row = keys.authenticate(key=printed.out.removesuffix("\n"))
    assert row is not None
    assert (row.user, row.name, row.scopes, row.expires_at) == (user, "laptop", ["read", "write", "live"], None)
    assert printed.err == ""


def test_scopes_and_days_are_those_asked_for(user: User) -> None:
    call_command("create_api_key", "ada@example.org", "--name", "x", "--scopes", "live, read", "--days", "7")
    row = ApiKey.objects.get()
    assert row.scopes == ["read", "live"]
    assert abs(row.expires_at - timezone.now() - timedelta(days=7)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nobody@example.org", "--name", "x"], "Nobody with the address nobody@example.org may sign in."),
        (["ada@example.org", "--name", " "], "The name needs 1 to 100 characters."),
        (["ada@example.org", "--name", "x" * 101], "The name needs 1 to 100 characters."),
        (["ada@example.org", "--name", "x", "--days", "0"], "A key lives for 1 to 36500 days."),
        (["ada@example.org", "--name", "x", "--scopes", "all"], "'all' is not one of: read, write, live, admin."),
        (["ada@example.org", "--name", "x", "--scopes", ""], "'' is not one of: read, write, live, admin."),
        (["ada@example.org", "--name", "x", "--scopes", "admin"], "Only administrators may make keys that administer."),
    ],
)
def test_mistake_is_said_and_nothing_is_made(user: User, arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("create_api_key", *arguments)
    assert (str(caught.value), ApiKey.objects.count()) == (message, 0)
