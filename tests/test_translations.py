"""Every word that people read can be translated, and is, in each language that the pages offer."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import Message
from babel.messages.jslexer import tokenize
from django.conf import settings

from config import catalogue

ROOT = Path(__file__).parents[1]
DOMAINS = (catalogue.PAGES, catalogue.SCRIPTS)
LANGUAGES = catalogue.languages()
TEMPLATES = sorted([*ROOT.glob("templates/**/*.html"), *ROOT.glob("templates/**/*.txt")])
SCRIPTS = sorted((ROOT / "static" / "js").rglob("*.js"))
FORMS = sorted((ROOT / "transcription" / "forms").glob("*.py"))
MODULES = sorted([*(ROOT / "accounts").rglob("*.py"), *(ROOT / "transcription").rglob("*.py")])

PLACE = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")
TAG = re.compile(r"<[^>]+>")
WORD = re.compile(r"[A-Za-z]{2,}")


def messages(language: str, domain: str) -> list[Message]:
    return [message for message in catalogue.stored(language, domain) if message.id]


def texts(value: str | tuple[str, ...] | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


# The catalogue -------------------------------------------------------------------------------------------------------


def test_pages_are_offered_in_english_and_german() -> None:
    assert (dict(settings.LANGUAGES), LANGUAGES) == ({"en": "English", "de": "Deutsch"}, ["de"])


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_holds_what_the_sources_mark(language: str, domain: str) -> None:
    """Else: `make messages`, and translate what it lists."""
    marked = {(message.id, message.context) for message in catalogue.collected(domain) if message.id}
    held = {(message.id, message.context) for message in messages(language, domain)}
    assert (marked - held, held - marked) == (set(), set())


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated(language: str, domain: str) -> None:
    assert [message.id for message in messages(language, domain) if not catalogue.is_translated(message)] == []


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_have_the_places_and_tags_of_the_original(language: str, domain: str) -> None:
    def shape(text: str) -> tuple[list[str], list[str]]:
        return sorted(set(PLACE.findall(text))), sorted(TAG.findall(text))

    differing = [
        (original, translated)
        for message in messages(language, domain)
        for original, translated in zip(texts(message.id), texts(message.string), strict=True)
        if shape(original) != shape(translated)
    ]
    assert differing == []


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_begin_and_end_as_the_original(language: str, domain: str) -> None:
    """Spaces at the edges are parts of a sentence that goes on; a full stop ends one in each language."""

    def edges(text: str) -> tuple[bool, bool, bool]:
        return text[0].isspace(), text[-1].isspace(), text.endswith(".")

    differing = [
        (original, translated)
        for message in messages(language, domain)
        for original, translated in zip(texts(message.id), texts(message.string), strict=True)
        if edges(original) != edges(translated)
    ]
    assert differing == []


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogue_is_that_of_the_source(language: str, domain: str) -> None:
    compiled = (catalogue.folder(language) / f"{domain}.mo").read_bytes()
    assert compiled == catalogue.as_mo(catalogue.stored(language, domain))


@pytest.mark.parametrize("language", LANGUAGES)
def test_file_for_scripts_is_that_of_the_catalogue(language: str) -> None:
    assert catalogue.script(language).read_bytes() == catalogue.as_script(language)


# What is not marked --------------------------------------------------------------------------------------------------

SAME_EVERYWHERE = re.compile(r"Scripta|manage\.py worker|\bMP4\b|\bAlt\b|\bEnter\b|\bEsc\b|&\w+;")
"""The product's name, a command, a format, and keys that have the same name on all keyboards."""
NOT_SHOWN = re.compile(
    r"{% comment %}.*?{% endcomment %}|{#.*?#}|{% blocktranslate.*?{% endblocktranslate %}"
    r"|{% block (?:main_class|body_attributes) %}.*?{% endblock.*?%}|\bhx-[a-z-]+=\"[^\"]*\""
    r"|<(svg|script|style)\b.*?</\1>",
    re.DOTALL,
)
PARTS = re.compile(r"({%.*?%}|{{.*?}}|<[a-zA-Z/!](?:{%.*?%}|{{.*?}}|[^>])*>)", re.DOTALL)
SPOKEN_ATTRIBUTE = re.compile(r'(?<![\w-])(?:aria-label|title|placeholder|alt)="([^"]*)"')
SPOKEN_ARGUMENT = re.compile(r'\b(?:label|words)="([^"]*)"')


def unmarked_in_template(source: str) -> list[str]:
    found = []
    for part in PARTS.split(NOT_SHOWN.sub("", source)):
        if part.startswith(("{{", "</", "<!")):
            continue
        if part.startswith("{%"):
            spoken = SPOKEN_ARGUMENT.findall(part) if part.startswith("{% include") else []
        elif part.startswith("<"):
            spoken = SPOKEN_ATTRIBUTE.findall(re.sub(r"{%.*?%}|{{.*?}}", "", part))
        else:
            spoken = [part]
        found += [text.strip() for text in spoken if WORD.search(SAME_EVERYWHERE.sub("", text))]
    return found


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_template_shows_no_word_that_is_not_marked(template: Path) -> None:
    assert unmarked_in_template(template.read_text()) == []


def test_every_page_names_the_language_that_it_is_in() -> None:
    named = {path.name: re.findall(r'<html lang="([^"]*)"', path.read_text()) for path in TEMPLATES}
    pages = {name: found for name, found in named.items() if found}
    assert len(pages) > 3
    assert pages == dict.fromkeys(pages, ["{{ LANGUAGE_CODE }}"])


def test_scanner_of_templates_finds_words_and_attributes() -> None:
    source = '<p title="One">Two {{ name }}</p>{% include "x.html" with label="Three" %}{% translate "Four" %}'
    assert unmarked_in_template(source) == ["One", "Two", "Three"]


SPEAKING = {
    "APIException",
    "AuthenticationFailed",
    "BadRequest",
    "OutgoingError",
    "ParseError",
    "ProtocolError",
    "StorageFull",
    "UnknownParameter",
    "ValidationError",
    "WrongState",
    "error",
    "info",
    "success",
    "warning",
}
"""Calls whose arguments people read; the last ones only of ``messages``."""
SPEAKING_ARGUMENTS = {"label", "help_text"}
ENGLISH = ("management", "migrations", "openai", "speech", "models")
"""For whoever runs a server, clients of OpenAI's API, and the core, which marks its words; models are done at once."""


def unmarked_in_module(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            of = node.func.value if isinstance(node.func, ast.Attribute) else None
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            is_message = isinstance(of, ast.Name) and of.id == "messages"
            if name in SPEAKING and (name[0].isupper() or is_message):
                yield from filter(None, map(_sentence, node.args))
        if isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == ["message"]:
            yield from filter(None, [_sentence(node.value)])


def _sentence(node: ast.expr) -> str:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    text = "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
    return text if " " in text and WORD.search(text) else ""


@pytest.mark.parametrize(
    "module",
    [path for path in MODULES if not set(path.parts) & set(ENGLISH)],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_module_says_nothing_that_is_not_marked(module: Path) -> None:
    tree = ast.parse(module.read_text())
    assert list(unmarked_in_module(tree)) == []


@pytest.mark.parametrize("path", [ROOT / "accounts" / "forms.py", *FORMS], ids=lambda path: path.stem)
def test_forms_have_marked_labels_and_help(path: Path) -> None:
    tree = ast.parse(path.read_text())
    keywords = [keyword for node in ast.walk(tree) if isinstance(node, ast.Call) for keyword in node.keywords]
    plain = [ast.unparse(each) for each in keywords if each.arg in SPEAKING_ARGUMENTS if _plain(each.value)]
    assert plain == []


def _plain(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant | ast.JoinedStr)


SENTENCE = re.compile(r"[“A-Z][\w’]* [\w%(“’]|[a-z]{2,} [a-z]{2,}")
CHOICE_OF_WORDS = re.compile(r'\? "([a-z]+)" : "\1s"')
"""A plural made by hand."""
MARKS = {"gettext", "ngettext"}


def unmarked_in_script(source: str) -> list[str]:
    """Words in quotes that look like a sentence, and words between the places of a template."""
    found: list[str] = []
    calls: list[bool] = []  # of each parenthesis that is open: whether it holds what is marked
    before = ""
    for token in tokenize(source):
        if token.type in {"linecomment", "multilinecomment", "whitespace"}:
            continue
        text = token.value[1:-1]
        is_spoken = SENTENCE.search(text) and not text.startswith(("#", "."))
        if token.type == "operator" and token.value == "(":
            calls.append(before in MARKS)
        elif token.type == "operator" and token.value == ")":
            calls.pop()
        elif token.type == "string" and is_spoken and not (calls and calls[-1]):
            found.append(text)
        if (
            token.type == "template_string"
            and SENTENCE.search(re.sub(r"\$\{.*?\}", "", text))
            or token.type == "template_string"
            and CHOICE_OF_WORDS.search(text)
        ):
            found.append(text)
        before = token.value
    return found


KNOWN = {
    'button button-small${primary ? " button-primary" : ""}',
    "HTTP ${response.status}",
    "input:not([type='checkbox'], [type='radio'], [type='range'], [type='file']), textarea, select, [contenteditable]",
}
"""Classes of a button, an error that nobody is shown, and a selector."""


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.relative_to(ROOT / "static").as_posix())
def test_script_says_nothing_that_is_not_marked(script: Path) -> None:
    assert [text for text in unmarked_in_script(script.read_text()) if text not in KNOWN] == []


def test_scanner_of_scripts_finds_sentences() -> None:
    source = 'say("Not marked at all"); say(gettext("Marked words here")); say(`It took ${time} seconds more`);'
    source += 'say(`${count} ${count === 1 ? "place" : "places"}`);'
    source += 'say(ngettext("One of them", "Many of them", count), "Not this one");'
    plural = '${count} ${count === 1 ? "place" : "places"}'
    assert unmarked_in_script(source) == ["Not marked at all", "It took ${time} seconds more", plural, "Not this one"]
