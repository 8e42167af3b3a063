"""Names and explanations of the models' fields in the reader's language, for forms and the admin.

Fields are named after themselves, and what they mean stands beside them in English. Here all of these words become
translatable at once, so that models need not say it of each, and a new field is in the catalogue by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db.models import Field, Model
from django.utils.translation import pgettext_lazy

CONTEXT = "model"
_APPS = ("accounts", "transcription")
_words: list[tuple[str, str]] = []


def translate_models() -> None:
    """Call once, when all models are there. Migrations see the same words as before."""
    for label in _APPS:
        for model in apps.get_app_config(label).get_models():
            for holder, name, text in list(_places(model)):
                if isinstance(text, str) and text:  # Django has translated its own already
                    _words.append((model.__module__.replace(".", "/") + ".py", text))
                    setattr(holder, name, pgettext_lazy(CONTEXT, text))


def words_of_models() -> list[tuple[str, str]]:
    """File and English text of all that ``translate_models`` has made translatable."""
    return list(_words)


def _places(model: type[Model]) -> Iterator[tuple[object, str, object]]:
    named = model._meta
    fields = (field for field in named.get_fields() if isinstance(field, Field) and not field.auto_created)
    yield named, "verbose_name", named.verbose_name
    # Where none is given, Django appends an s to the name in the reader's language, which is a plural in English only.
    is_given = "verbose_name_plural" in named.original_attrs
    yield named, "verbose_name_plural", named.verbose_name_plural if is_given else f"{named.verbose_name}s"
    yield from ((field, name, getattr(field, name)) for field in fields for name in ("verbose_name", "help_text"))
