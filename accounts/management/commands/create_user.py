from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts import services
from accounts.errors import AccountExists
from accounts.models import User


class Command(BaseCommand):
    help = "Create an account. The password is read from standard input: asked for on a terminal, else one line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--admin", action="store_true", help="may administer everything")
        parser.add_argument("--name", default="", help="name to show instead of the e-mail address")

    def handle(self, *, email: str, admin: bool, name: str, **options: Any) -> None:
        user = User(email=email, name=name)
        try:
            user.clean_fields(exclude=["password"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        if User.objects.filter(email__iexact=email).exists():
            raise CommandError(AccountExists.message)
        password = _read_password()
        try:
            validate_password(password, user)
            services.create_user(email=email, password=password, name=name, administrator=admin)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except AccountExists as error:
            raise CommandError(error.message) from error
        self.stdout.write(self.style.SUCCESS(f"Created {'administrator' if admin else 'user'} {email}."))


def _read_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Password again: ") != password:
        raise CommandError("The two passwords are not the same.")
    return password
