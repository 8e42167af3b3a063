from django.urls import path

from transcription.api import live, schema, uploads

urlpatterns = [
    path("schema/", schema.SchemaView.as_view(), name="schema"),
    path("live/", live.LivesView.as_view(), name="lives"),
    path("live/<uuid:pk>/", live.LiveView.as_view(), name="live"),
    path("live/<uuid:pk>/finish/", live.FinishView.as_view(), name="live-finish"),
    path("uploads/", uploads.UploadsView.as_view(), name="uploads"),
    path("uploads/<uuid:pk>/", uploads.UploadView.as_view(), name="upload"),
]
