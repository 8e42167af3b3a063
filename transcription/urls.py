from django.urls import include, path, re_path

from transcription.api.problems import NothingHere
from transcription.views import actions, library, links, media, programs, record, recording, search, watch, webhooks

urlpatterns = [
    path("", library.library, name="library"),
    path("record/", record.record, name="record"),
    path("record/<uuid:pk>/", record.record_live, name="record-live"),
    path("search/", search.search, name="search"),
    path("trash/", library.trash, name="trash"),
    path("recordings/status/", library.recordings_status, name="recordings-status"),
    path("uploads/<uuid:pk>/row/", library.upload_row, name="upload-row"),
    path("recordings/<uuid:pk>/", recording.recording, name="recording"),
    path("recordings/<uuid:pk>/status/", recording.recording_status, name="recording-status"),
    path("recordings/<uuid:pk>/segments/", recording.segments, name="segments"),
    path("recordings/<uuid:pk>/waveform/", recording.waveform, name="waveform"),
    path("recordings/<uuid:pk>/export/<slug:format>/", recording.export, name="export"),
    path("recordings/<uuid:pk>/media/", media.media, name="media"),
    path("recordings/<uuid:pk>/delete/", actions.delete, name="recording-delete"),
    path("recordings/<uuid:pk>/restore/", actions.restore, name="recording-restore"),
    path("recordings/<uuid:pk>/purge/", actions.purge, name="recording-purge"),
    path("recordings/<uuid:pk>/rename/", actions.rename, name="recording-rename"),
    path("recordings/<uuid:pk>/cancel/", actions.cancel, name="job-cancel"),
    path("recordings/<uuid:pk>/retry/", actions.retry, name="job-retry"),
    path("recordings/<uuid:pk>/transcribe/", actions.transcribe, name="recording-transcribe"),
    path("recordings/<uuid:pk>/improve/", actions.improve, name="recording-improve"),
    path("recordings/<uuid:pk>/watch/", watch.watch, name="watch"),
    path("recordings/<uuid:pk>/links/", links.panel, name="links"),
    path("recordings/<uuid:pk>/links/new/", links.create, name="link-create"),
    path("recordings/<uuid:pk>/links/<int:link>/withdraw/", links.withdraw, name="link-withdraw"),
    path("watch/<str:token>/", watch.by_link, name="watch-link"),
    path("api/", programs.api_page, name="api"),
    path("webhooks/", webhooks.webhook_list, name="webhooks"),
    path("webhooks/<uuid:pk>/", webhooks.webhook, name="webhook"),
    path("webhooks/<uuid:pk>/switch/", webhooks.switch, name="webhook-switch"),
    path("webhooks/<uuid:pk>/rotate/", webhooks.rotate, name="webhook-rotate"),
    path("webhooks/<uuid:pk>/test/", webhooks.ping, name="webhook-test"),
    path("webhooks/<uuid:pk>/delete/", webhooks.delete, name="webhook-delete"),
    path("webhooks/<uuid:pk>/deliveries/<int:delivery>/", webhooks.redeliver, name="webhook-redeliver"),
    path("api/v1/", include("transcription.api.urls")),
    re_path("^api/", NothingHere.as_view()),  # the last of all that begin so
    path("v1/", include("transcription.openai.urls")),
]
