"""The ASGI application: HTTP goes to Django, WebSockets to the consumers, with whoever opened them in their scope."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
http = get_asgi_application()

# These need the models, which the line above loads.
from accounts.sockets import SocketAuthentication  # noqa: E402
from config.sockets import unavailable, unknown_path  # noqa: E402
from transcription.routing import websocket_urlpatterns  # noqa: E402

websocket = URLRouter([*websocket_urlpatterns, re_path("", unknown_path)])  # type: ignore[arg-type]  # an application, no view
application = ProtocolTypeRouter(
    {"http": http, "websocket": SocketAuthentication(websocket, unavailable=unavailable)},
)
