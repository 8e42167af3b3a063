"""The catalogue of translations: collected from the sources, compiled, and given to scripts as a file.

Needs Babel, which developing alone needs: what an installation reads is committed. One way for all machines, with no
gettext tools, whose versions differ.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages import Catalog, Message
from babel.messages.extract import extract, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.test import RequestFactory
from django.utils import translation
from django.utils.translation.template import templatize
from django.views.i18n import JavaScriptCatalog

from accounts.languages import SOURCE
from config.translated_models import CONTEXT, words_of_models

PAGES, SCRIPTS = "django", "djangojs"
LOCALE = Path(__file__).parent / "locale"
_PACKAGES = ("accounts", "config", "transcription")
_COMMENTS = ("Translators:",)
_KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}


def languages() -> list[str]:
    """Those that need a catalogue."""
    return [code for code, _ in settings.LANGUAGES if code != SOURCE]


def folder(language: str) -> Path:
    return LOCALE / translation.to_locale(language) / "LC_MESSAGES"


def script(language: str) -> Path:
    """What pages load, so that ``static/js/i18n.js`` finds the words of scripts."""
    return Path(settings.BASE_DIR) / "static" / "i18n" / f"{language}.js"


def stored(language: str, domain: str) -> Catalog:
    """As the file has it; empty where there is none yet."""
    path = folder(language) / f"{domain}.po"
    if not path.exists():
        return Catalog(Locale.parse(translation.to_locale(language)), domain=domain, project="Scripta")
    with path.open("rb") as file:
        return read_po(file, locale=translation.to_locale(language), domain=domain, abort_invalid=True)


def collected(domain: str) -> Catalog:
    """All that the sources mark for translation, without translations."""
    found = Catalog(domain=domain, project="Scripta")
    for name, text, comments, context in _of_pages() if domain == PAGES else _of_scripts():
        found.add(text, locations=[(name, 0)], auto_comments=comments, context=context)
    return found


_Found = tuple[str, Any, list[str], str | None]


def _of_pages() -> Iterator[_Found]:
    root = Path(settings.BASE_DIR)
    for package in _PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield from _extract("python", path)
    for path in sorted([*(root / "templates").rglob("*.html"), *(root / "templates").rglob("*.txt")]):
        yield from _extract(_extract_template, path)
    for name, text in words_of_models():
        yield name, text, [], CONTEXT


def _of_scripts() -> Iterator[_Found]:
    for path in sorted((Path(settings.BASE_DIR) / "static" / "js").rglob("*.js")):
        yield from _extract("javascript", path)


def _extract(method: Any, path: Path) -> Iterator[_Found]:
    name = path.relative_to(settings.BASE_DIR).as_posix()
    with path.open("rb") as file:
        for _, text, comments, context in extract(method, file, _KEYWORDS, _COMMENTS, strip_comment_tags=True):
            yield name, text, comments, context


def _extract_template(fileobj: Any, keywords: Any, comment_tags: Any, options: Any) -> Iterable[Any]:
    """Django turns a template into something like Python; only the indentation is not Python's."""
    code = "\n".join(line.lstrip() for line in templatize(fileobj.read().decode()).splitlines())
    return extract_python(io.BytesIO(code.encode()), keywords, comment_tags, options)


def update(language: str) -> dict[str, list[Message]]:
    """Bring the files of a language up to date; what still has to be translated, by domain.

    Translations of what is no longer there go. Nothing is guessed from words that look alike.
    """
    missing = {}
    for domain in (PAGES, SCRIPTS):
        catalogue = stored(language, domain)
        dates = catalogue.creation_date, catalogue.revision_date
        catalogue.update(collected(domain), no_fuzzy_matching=True, update_header_comment=False)
        catalogue.creation_date, catalogue.revision_date = dates  # no change where nothing changed
        catalogue.obsolete.clear()
        missing[domain] = [message for message in catalogue if message.id and not is_translated(message)]
        folder(language).mkdir(parents=True, exist_ok=True)
        (folder(language) / f"{domain}.po").write_bytes(as_po(catalogue))
        (folder(language) / f"{domain}.mo").write_bytes(as_mo(catalogue))
    script(language).parent.mkdir(parents=True, exist_ok=True)
    script(language).write_bytes(as_script(language))
    return missing


def is_translated(message: Message) -> bool:
    texts = message.string if isinstance(message.string, list | tuple) else [message.string]
    return not message.fuzzy and all(texts)


def as_po(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=120, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    return buffer.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def as_script(language: str) -> bytes:
    """Django's own JavaScript catalogue. As a file it is cached like every other, whoever asks for it."""
    with translation.override(language):
        return bytes(JavaScriptCatalog(packages=["config"]).get(RequestFactory().get("/")).content)
