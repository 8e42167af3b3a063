"""The pictures of the documentation: all of them are there, and no others."""

import re

from tests.browser.screenshots.scenes import LOOKS, names
from tests.server import ROOT

FOLDER = ROOT / "docs" / "screenshots"


def test_every_page_has_its_pictures() -> None:
    """Else: `make screenshots`."""
    drawn = {path.name for path in FOLDER.iterdir()} - {"README.md"}
    assert drawn == {f"{name}{look}.webp" for name in names() for look in LOOKS}


def test_gallery_and_readme_show_what_is_there() -> None:
    gallery = (FOLDER / "README.md").read_text()
    assert [name for name in names() if f'"{name}.webp"' not in gallery] == []
    shown = re.findall(r"\((docs/screenshots/[^)]*)\)", (ROOT / "README.md").read_text())
    assert shown
    assert [path for path in shown if not (ROOT / path).is_file()] == []
