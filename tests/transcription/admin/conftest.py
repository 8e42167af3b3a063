"""Who looks after an installation."""

import pytest

from tests.factories import make_user


@pytest.fixture
def administrator(client):
    user = make_user("admin@example.org", admin=True)
    client.force_login(user)
    return user
