"""Gather the icons that templates use into one file, ``static/icons.svg``.

Run ``npm pack lucide-static`` (or install it anywhere) and give the folder of its ``icons``.
"""

from __future__ import annotations

import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

SPRITE = Path("static") / "icons.svg"
_USE = re.compile(r"""\{% icon ["']([a-z0-9-]+)["']""")
_NAMES_IN_CODE = re.compile(r"""icon=["']([a-z0-9-]+)["']""")
_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


def used_icons(base: Path) -> list[str]:
    """Names in ``{% icon "name" %}`` of all templates, and in ``icon="name"`` of the views that choose one by state."""
    names: set[str] = set()
    for template in (base / "templates").rglob("*.html"):
        names |= set(_USE.findall(template.read_text()))
    for view in (base / "transcription" / "views").rglob("*.py"):
        names |= set(_NAMES_IN_CODE.findall(view.read_text()))
    return sorted(names)


def symbol(name: str, source: str) -> str:
    """One ``<symbol>`` from an icon's own file; its colours and widths come from the page's style sheet."""
    match = _BODY.search(source)
    if match is None:
        raise CommandError(f"{name}.svg is not an icon.")
    body = re.sub(r"\s+", " ", match[1]).replace("> <", "><").replace(" />", "/>").strip()
    return f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>'


class Command(BaseCommand):
    help = "Write static/icons.svg from the icons of the npm package lucide-static."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("icons", type=Path, help="the folder `icons` of lucide-static")

    def handle(self, *args: Any, icons: Path, **options: Any) -> None:
        names = used_icons(settings.BASE_DIR)
        missing = [name for name in names if not (icons / f"{name}.svg").is_file()]
        if missing:
            raise CommandError(f"lucide has no icon named {', '.join(missing)}.")
        symbols = "\n".join(symbol(name, (icons / f"{name}.svg").read_text()) for name in names)
        notice = "<!-- Icons from lucide (ISC licence, see vendor/lucide/LICENSE); made by `manage.py make_icons`. -->"
        sprite = f'<svg xmlns="http://www.w3.org/2000/svg">\n{notice}\n{symbols}\n</svg>\n'
        (settings.BASE_DIR / SPRITE).write_text(sprite)
        self.stdout.write(f"{len(names)} icons")
