"""Beginning, ending and discarding live recordings, as pages and programs do it."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse
from django.test import Client, override_settings

from accounts.models import Scope, User
from accounts.services import keys
from tests.factories import make_user
from transcription import whisper_service
from transcription.enums import RecordingState
from transcription.errors import LiveOff
from transcription.models import Live, Recording
from transcription.services.live import connect

pytestmark = pytest.mark.django_db
URL = "/api/v1/live/"
JSON = "application/json"


@pytest.fixture(autouse=True)
def warmed(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """One entry for each time that the model was asked for; loading it is another test's matter."""
    asked: list[bool] = []
    monkeypatch.setattr(whisper_service, "warm_up", lambda: asked.append(True))
    return asked


@pytest.fixture
def speaker(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def begin(client: Client, **choices: Any) -> HttpResponse:
    return client.post(URL, choices, content_type=JSON)


def problem(response: HttpResponse) -> tuple[int, str]:
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert (body["status"], set(body)) == (response.status_code, {"type", "title", "status", "detail", "code"})
    return body["status"], body["code"]


def by_key(user: User, *scopes: str) -> Client:
    _, key = keys.create_key(user=user, name="program", scopes=scopes or [Scope.LIVE])
    return Client(headers={"Authorization": f"Bearer {key}"}, enforce_csrf_checks=True)


def test_beginning_makes_a_recording_and_says_where_to_speak(speaker: Client, owner: User, warmed: list[bool]):
    response = begin(speaker, title="Talk", language="de", sample_rate=48_000, vocabulary=["Scripta"])
    recording = Recording.objects.get()
    assert (response.status_code, response.json()) == (
        201,
        {
            "id": str(recording.pk),
            "recording": str(recording.pk),
            "url": f"ws://testserver/ws/live/{recording.pk}/",
        },
    )
    assert (recording.owner, recording.title, recording.state) == (owner, "Talk", RecordingState.LIVE)
    assert warmed == [True]
    spoken = Live.objects.get()
    assert (spoken.language, spoken.sample_rate, spoken.vocabulary) == ("de", 48_000, "Scripta")


def test_beginning_where_live_is_switched_off_says_so(speaker: Client, settings: Any):
    settings.LIVE = False
    assert problem(begin(speaker)) == (503, LiveOff.code)


def test_beginning_without_a_word_is_enough(speaker: Client):
    response = speaker.generic("POST", URL)
    spoken = Live.objects.get()
    assert (response.status_code, spoken.encoding, spoken.sample_rate) == (201, "pcm_s16le", 16_000)


@override_settings(
    SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
    USE_X_FORWARDED_HOST=True,
    ALLOWED_HOSTS=["words.example"],
)
def test_address_is_that_of_the_client(speaker: Client):
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "words.example"}
    response = speaker.generic("POST", URL, headers=headers)
    assert response.json()["url"] == f"wss://words.example/ws/live/{Live.objects.get().pk}/"


@pytest.mark.parametrize("body", ["[]", "1", '"x"', "null", '{"sample_rate": 7}', '{"title": 1}', '{"nonsense": 1}'])
def test_nonsense_is_refused_with_words(speaker: Client, body: str):
    response = speaker.post(URL, body, content_type=JSON)
    assert problem(response) == (400, "bad_request")
    assert Recording.objects.count() == 0


def test_body_that_is_no_json_is_refused(speaker: Client):
    assert problem(speaker.post(URL, "{", content_type=JSON)) == (400, "parse_error")
    assert problem(speaker.post(URL, {"title": "form"})) == (415, "unsupported_media_type")


def test_list_has_what_is_unfinished_of_the_user(speaker: Client, owner: User):
    first, second = (UUID(begin(speaker, title=title).json()["id"]) for title in ("first", "second"))
    begin(by_key(make_user()), title="another's")
    Live.objects.filter(pk=first).update(received=24_000, paused_at="2026-01-01T00:00Z")
    ended, thrown = (begin(speaker).json()["id"] for _ in range(2))
    assert speaker.post(f"{URL}{ended}/finish/").status_code == 204
    assert speaker.delete(f"{URL}{thrown}/").status_code == 204
    started = Recording.objects.get(pk=first).created_at.isoformat().replace("+00:00", "Z")
    listed = speaker.get(URL).json()
    assert [row["title"] for row in listed] == ["second", "first"]
    assert listed[1] == {
        "id": str(first),
        "url": f"ws://testserver/ws/live/{first}/",
        "title": "first",
        "started": started,
        "encoding": "pcm_s16le",
        "sample_rate": 16_000,
        "received": 24_000,
        "seconds": 1.5,
        "paused": True,
    }
    Live.objects.filter(pk=second).update(encoding="webm", received=24_000)
    assert speaker.get(URL).json()[0]["seconds"] is None


def test_list_costs_as_much_for_three_as_for_one(speaker: Client, django_assert_max_num_queries):
    counts = []
    for more in (1, 2):
        for _ in range(more):
            begin(speaker)
        with django_assert_max_num_queries(10) as queries:
            speaker.get(URL)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_finishing_closes_it_once(speaker: Client, owner: User):
    pk = begin(speaker).json()["id"]
    connection = connect(live_id=UUID(pk), user=owner)
    assert speaker.post(f"{URL}{pk}/finish/").status_code == 204
    assert Recording.objects.get().state == RecordingState.CLOSING
    assert Live.objects.get().epoch > connection.epoch  # whoever speaks may write nothing more
    assert problem(speaker.post(f"{URL}{pk}/finish/")) == (409, "wrong_state")


def test_discarding_moves_it_to_the_trash(speaker: Client):
    pk = begin(speaker).json()["id"]
    assert speaker.delete(f"{URL}{pk}/").status_code == 204
    assert Recording.objects.get().deleted_at is not None
    assert problem(speaker.delete(f"{URL}{pk}/"))[0] == 404


def test_what_belongs_to_another_does_not_exist(speaker: Client):
    pk = begin(by_key(make_user())).json()["id"]
    for missing in (pk, str(uuid4())):
        assert problem(speaker.delete(f"{URL}{missing}/"))[0] == 404
        assert problem(speaker.post(f"{URL}{missing}/finish/"))[0] == 404
    assert Recording.objects.get().state == RecordingState.LIVE


def test_nobody_is_asked_to_sign_in(db: None):
    nobody = Client()
    answers = [
        begin(nobody),
        nobody.get(URL),
        nobody.delete(f"{URL}{uuid4()}/"),
        nobody.post(f"{URL}{uuid4()}/finish/"),
    ]
    assert [problem(answer) for answer in answers] == [(401, "not_authenticated")] * 4
    assert answers[0]["WWW-Authenticate"] == "Bearer"


def test_key_with_the_scope_does_all_of_it(owner: User):
    program = by_key(owner)
    pk = begin(program).json()["id"]
    assert [row["id"] for row in program.get(URL).json()] == [pk]
    assert program.post(f"{URL}{pk}/finish/").status_code == 204


def test_key_without_the_scope_is_refused_with_its_name(owner: User):
    response = begin(by_key(owner, Scope.READ, Scope.WRITE))
    assert problem(response) == (403, "missing_scope")
    assert response.json()["detail"] == "This API key was not given the scope “live”."


def test_wrong_key_is_refused_even_beside_a_session(speaker: Client):
    response = speaker.post(URL, headers={"Authorization": "Bearer scr_wrong"})
    assert problem(response) == (401, "invalid_key")


def test_forged_request_is_refused(owner: User):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    assert problem(begin(client)) == (403, "permission_denied")
    assert Recording.objects.count() == 0


def test_key_uploads_with_the_scope_write_alone(owner: User):
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "10"}
    assert by_key(owner, Scope.WRITE).post("/api/v1/uploads/", headers=headers).status_code == 201
    assert problem(by_key(owner).post("/api/v1/uploads/", headers=headers)) == (403, "missing_scope")
