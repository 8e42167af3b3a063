"""What the addresses of a recording's page make of strange questions."""

import pytest

from tests.factories import make_recording, make_transcript

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ({"after": "0"}, 2),
        ({"after": "-1"}, 3),
        ({"after": "9" * 5000}, 3),
        ({"after": "\u0663"}, 0),
        ({"from": "0"}, 3),
        ({"from": "9" * 5000}, 3),
        ({"from": "2", "until": "-inf"}, 1),
    ],
)
def test_segments_asked_for_strangely(client, question, rows):
    recording = make_recording()
    make_transcript(recording)
    client.force_login(recording.owner)
    answer = client.get(f"/recordings/{recording.pk}/segments/", question)
    assert (answer.status_code, answer.content.count(b'class="seg"')) == (200, rows)
