"""Requests of all kinds, made from the description by schemathesis, to a real server: whatever is sent, the answer is
one that the description names, in the form that it names, and never an error of the server."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis

from tests.server import ROOT, Server

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "2"))
"""Of each operation. By hand more: SCHEMATHESIS_EXAMPLES=1000."""
schema = schemathesis.openapi.from_path(ROOT / "docs" / "contracts" / "openapi.yaml")


@schemathesis.serializer("application/offset+octet-stream")
def as_it_is(context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


pytestmark = [
    pytest.mark.server,
    pytest.mark.parametrize(
        "server", [{"SCRIPTA_API_KEY_RATE": "0", "SCRIPTA_API_USER_RATE": "0"}], indirect=True, scope="module"
    ),
]


@pytest.fixture(scope="module")
def key(server: Server) -> str:
    """Of somebody with a recording, a job and a transcript: small numbers, which generated ones meet."""
    server.manage("create_user", "programs@example.org", "--admin", given="correct horse battery\n")
    scopes = "read,write,live,admin"
    key = server.manage("create_api_key", "programs@example.org", "--name", "tests", "--scopes", scopes).strip()
    with (ROOT / "tests" / "data" / "LJ001-0001.flac").open("rb") as file:
        answer = requests.post(
            f"{server.url}/api/v1/recordings/",
            files={"file": file},
            headers={"Authorization": f"Bearer {key}"},
            timeout=30,
        )
    assert answer.status_code == 201
    return key


@schema.parametrize()
@hypothesis.settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(hypothesis.HealthCheck)
)
def test_answers_are_as_described(case: schemathesis.Case, server: Server, key: str) -> None:
    if case.meta is None or case.meta.generation.mode.is_positive:
        # What only the server gives cannot be made up; one name for two wishes, and an end in the past, are refused.
        for part, name in ((case.query, "cursor"), (case.headers, "Idempotency-Key"), (case.body, "expires_at")):
            if isinstance(part, MutableMapping):
                part.pop(name, None)
    case.call_and_validate(base_url=server.url, headers={"Authorization": f"Bearer {key}"}, timeout=70)
