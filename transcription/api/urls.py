from django.urls import path

from transcription.api import uploads

urlpatterns = [
    path("uploads/", uploads.UploadsView.as_view(), name="uploads"),
    path("uploads/<uuid:pk>/", uploads.UploadView.as_view(), name="upload"),
]
