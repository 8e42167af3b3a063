from django.urls import path, re_path

from transcription.openai import views
from transcription.openai.client_secrets import client_secrets

urlpatterns = [
    path("audio/transcriptions", views.transcriptions, name="openai-transcriptions"),
    path("audio/translations", views.translations, name="openai-translations"),
    path("models", views.models, name="openai-models"),
    path("models/<path:name>", views.model, name="openai-model"),
    path("realtime/client_secrets", client_secrets, name="client-secrets"),
    re_path("", views.nothing_here),
]
