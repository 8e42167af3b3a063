from django.contrib import admin
from django.urls import include, path

from config import health
from transcription.admin import status_view

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("admin/status/", status_view, name="admin-status"),
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.urls")),
    path("", include("transcription.urls")),
]
