from django.apps import AppConfig

from config.translated_models import translate_models


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Scripta"

    def ready(self) -> None:
        translate_models()
