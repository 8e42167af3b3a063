import re

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from config.management.commands.make_icons import SPRITE, symbol, used_icons


def test_every_icon_that_a_page_asks_for_is_in_the_sprite():
    sprite = (settings.BASE_DIR / SPRITE).read_text()
    assert re.findall(r'<symbol id="([^"]+)"', sprite) == used_icons(settings.BASE_DIR)


def test_symbol_keeps_the_shapes_alone():
    source = '<!-- a licence -->\n<svg\n  class="x"\n>\n  <path d="M1 1" />\n  <circle r="2" />\n</svg>'
    assert symbol("dot", source) == '<symbol id="dot" viewBox="0 0 24 24"><path d="M1 1"/><circle r="2"/></symbol>'


def test_icon_that_lucide_does_not_have_is_named(tmp_path):
    with pytest.raises(CommandError, match="lucide has no icon named a-arrow-down"):
        call_command("make_icons", tmp_path)
