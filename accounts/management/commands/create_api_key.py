from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.errors import AccountsError
from accounts.models import ApiKey, Scope, User
from accounts.services import keys


class Command(BaseCommand):
    help = "Make an API key for a person, and print it: the key alone, which cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--name", required=True, help="what the key is for, to tell keys apart")
        parser.add_argument(
            "--scopes",
            default=",".join(keys.DEFAULT_SCOPES),
            help=f"what it may do, separated by commas: {', '.join(Scope.values)} (default: %(default)s)",
        )
        parser.add_argument("--days", type=int, help="after so many days it ends (default: never)")

    def handle(self, *, email: str, name: str, scopes: str, days: int | None, **options: Any) -> None:
        user = User.objects.filter(email__iexact=email, is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody with the address {email} may sign in.")
        wanted = [scope.strip() for scope in scopes.split(",")]
        if unknown := set(wanted) - set(Scope.values):
            raise CommandError(f"{sorted(unknown)[0]!r} is not one of: {', '.join(Scope.values)}.")
        longest = ApiKey._meta.get_field("name").max_length or 0
        if not name.strip() or len(name) > longest:
            raise CommandError(f"The name needs 1 to {longest} characters.")
        if days is not None and not 1 <= days <= 36_500:
            raise CommandError("A key lives for 1 to 36500 days.")
        expires_at = timezone.now() + timedelta(days=days) if days else None
        try:
            _, key = keys.create_key(user=user, name=name.strip(), scopes=wanted, expires_at=expires_at)
        except AccountsError as error:
            raise CommandError(error.message) from error
        self.stdout.write(key)
