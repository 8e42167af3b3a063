from __future__ import annotations

import io
import os
import pty
import select
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from tests.accounts.conftest import PASSWORD


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch):
    """Put a line on standard input."""
    return lambda line: monkeypatch.setattr(sys, "stdin", io.StringIO(line))


def test_user_with_the_password_from_standard_input(db: None, typed, capsys: pytest.CaptureFixture[str]) -> None:
    typed(f"{PASSWORD}\nrest\n")
    call_command("create_user", "new@example.org", "--name", "New")
    user = User.objects.get()
    assert (user.email, user.name, user.is_superuser, user.is_staff) == ("new@example.org", "New", False, False)
    assert user.check_password(PASSWORD)
    assert capsys.readouterr().out == "Created user new@example.org.\n"


def test_administrator_is_one(db: None, typed) -> None:
    typed(PASSWORD)  # no end of line
    call_command("create_user", "new@example.org", "--admin")
    user = User.objects.get()
    assert (user.is_superuser, user.is_staff, user.check_password(PASSWORD)) == (True, True, True)


@pytest.mark.parametrize(
    ("email", "password", "message"),
    [
        ("ADA@example.org", PASSWORD, "Somebody already uses this e-mail address."),
        ("nonsense", PASSWORD, "Enter a valid email address."),
        ("new@example.org", "", "This password is too short. It must contain at least 8 characters."),
        ("new@example.org", "password", "This password is too common."),
        ("goldfinch@example.org", "goldfinch1", "The password is too similar to the e-mail address."),
    ],
)
def test_mistake_is_said_and_nothing_is_created(user: User, typed, email: str, password: str, message: str) -> None:
    typed(f"{password}\n")
    with pytest.raises(CommandError) as caught:
        call_command("create_user", email)
    assert str(caught.value) == message
    assert (caught.value.returncode, User.objects.count()) == (1, 1)


PROGRAM = """
import django
django.setup()
from accounts.management.commands.create_user import _read_password
print("read:", _read_password())
"""


@pytest.mark.parametrize(
    ("second", "end"), [(PASSWORD, f"read: {PASSWORD}"), ("different", "The two passwords are not the same.")]
)
def test_terminal_asks_twice_without_echo(second: str, end: str) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", PROGRAM])
    shown = _read_until(terminal, b"Password: ")
    os.write(terminal, f"{PASSWORD}\n".encode())
    shown += _read_until(terminal, b"again: ")
    os.write(terminal, f"{second}\n".encode())
    after = _read_until(terminal, end.encode())
    os.waitpid(pid, 0)
    os.close(terminal)
    assert PASSWORD.encode() not in shown
    assert end.encode() in after


def _read_until(terminal: int, end: bytes) -> bytes:
    shown = b""
    while end not in shown and select.select([terminal], [], [], 30)[0]:
        try:
            shown += os.read(terminal, 4096)
        except OSError:  # the other end is closed
            break
    return shown


def test_help_says_where_the_password_comes_from() -> None:
    command = [sys.executable, "manage.py", "create_user", "--help"]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "The password is read from standard input" in " ".join(answer.stdout.split())
