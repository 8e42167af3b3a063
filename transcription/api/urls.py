from django.urls import path

from transcription.api import live, schema, search, uploads, webhooks

urlpatterns = [
    path("schema/", schema.SchemaView.as_view(), name="schema"),
    path("live/", live.LivesView.as_view(), name="lives"),
    path("live/<uuid:pk>/", live.LiveView.as_view(), name="live"),
    path("live/<uuid:pk>/finish/", live.FinishView.as_view(), name="live-finish"),
    path("search/", search.SearchView.as_view(), name="api-search"),
    path("uploads/", uploads.UploadsView.as_view(), name="uploads"),
    path("uploads/<uuid:pk>/", uploads.UploadView.as_view(), name="upload"),
    path("webhooks/", webhooks.WebhooksView.as_view(), name="api-webhooks"),
    path("webhooks/<uuid:pk>/", webhooks.WebhookView.as_view(), name="api-webhook"),
    path("webhooks/<uuid:pk>/rotate/", webhooks.RotateView.as_view(), name="api-webhook-rotate"),
    path("webhooks/<uuid:pk>/test/", webhooks.PingView.as_view(), name="api-webhook-test"),
    path("webhooks/<uuid:pk>/deliveries/", webhooks.DeliveriesView.as_view(), name="api-webhook-deliveries"),
    path(
        "webhooks/<uuid:pk>/deliveries/<int:delivery>/redeliver/",
        webhooks.RedeliverView.as_view(),
        name="api-webhook-redeliver",
    ),
]
