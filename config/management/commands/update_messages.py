"""``manage.py update_messages``: brings the catalogues up to date with the sources, and compiles them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from config import catalogue


class Command(BaseCommand):
    help = "Collects what is to be translated into config/locale, compiles it, and lists what has no translation yet."

    def handle(self, **options: Any) -> None:
        for language in catalogue.languages():
            for domain, missing in catalogue.update(language).items():
                path = catalogue.folder(language) / f"{domain}.po"
                self.stdout.write(f"{path}: {len(missing)} without a translation")
                for message in missing:
                    self.stdout.write(f"  {message.id if isinstance(message.id, str) else message.id[0]}")
