from django.urls import path

from transcription.api import live, uploads

urlpatterns = [
    path("live/", live.LivesView.as_view(), name="lives"),
    path("live/<uuid:pk>/", live.LiveView.as_view(), name="live"),
    path("live/<uuid:pk>/finish/", live.FinishView.as_view(), name="live-finish"),
    path("uploads/", uploads.UploadsView.as_view(), name="uploads"),
    path("uploads/<uuid:pk>/", uploads.UploadView.as_view(), name="upload"),
]
