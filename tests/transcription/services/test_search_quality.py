"""The right passage comes first, in a small body of public-domain texts; ``benchmark search --longform`` has more."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests.transcription.services.search.saying import say
from transcription.services import search_words
from transcription.services.search import Page, Wanted, find_passages

pytestmark = pytest.mark.django_db

ENGLISH = (
    "Printing, in the only sense with which we are at present concerned,",
    "For although the Chinese took impressions from wood blocks engraved in relief for centuries,",
    "the invention of movable metal letters may justly be considered as the invention of the art of printing.",
    "the earliest book printed with movable types, the Gutenberg, or forty-two line Bible,",
    "Printing, then, may be considered as the art of making books by means of movable types.",
    "The Middle Ages brought calligraphy to perfection, and it was natural therefore",
    "The first books were printed in black letter, the letter which was a Gothic development of the Roman character,",
    "But the first Bible actually dated, which also was printed at Maintz by Peter Schoeffer,",
    "Sweynheim and Pannartz began printing in the monastery of Subiaco near Rome,",
    "And so, my fellow Americans: ask not what your country can do for you,",
    "ask what you can do for your country.",
)
GERMAN = (
    "Eines einfältigen, wunderlichen und seltsamen Vaganten, namens Melchior Sternfels von Fuchshaim,",
    "Es hat mir so wollen behagen, mit Lachen die Wahrheit zu sagen.",
    "Annehmlich, erfreulich und lustig zu lesen, wie auch sehr nützlich und nachdenklich zu betrachten.",
)
FRENCH = (
    "Un cygne qui s'était évadé de sa cage, et, de ses pieds palmés frottant le pavé sec,",
    "Le vieux Paris n'est plus: la forme d'une ville change plus vite, hélas! que le coeur d'un mortel;",
    "Paris change, mais rien dans ma mélancolie n'a bougé!",
)
SEARCHES = {
    "chinese wood block": ENGLISH[1],
    "invention of printing": ENGLISH[2],
    "forty-two line bible": ENGLISH[3],
    "making books": ENGLISH[4],
    "first bible dated": ENGLISH[7],
    "monastery near rome": ENGLISH[8],
    "what your country can do for you": ENGLISH[9],
    '"do for your country"': ENGLISH[10],
    "Gutenburg": ENGLISH[3],
    "Swenheim": ENGLISH[8],
    "wunderlicher Vagant": GERMAN[0],
    "nachdenklich lustig": GERMAN[2],
    "Warheit": GERMAN[1],
    "cygnes cage": FRENCH[0],
    "vieux Paris": FRENCH[1],
    "melancolie": FRENCH[2],
}


def test_right_passage_comes_first(owner: User):
    for language, texts in (("en", ENGLISH), ("de", GERMAN), ("fr", FRENCH)):
        say(owner, *texts, language=language)
    search_words.gather_words()
    found = {text: find_passages(user=owner, wanted=Wanted(text), page=Page(1)).passages for text in SEARCHES}
    assert {text: passages[0].text if passages else None for text, passages in found.items()} == SEARCHES
