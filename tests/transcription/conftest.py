"""Who the tests of pages are about."""

import pytest
from django.test import Client

from tests.factories import make_recording, make_user


@pytest.fixture
def owner():
    return make_user()


@pytest.fixture
def client_of_owner(owner) -> Client:
    client = Client()
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def recording(owner):
    return make_recording(owner, title="A talk")
