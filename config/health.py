"""For load balancers and the supervisor: is the process alive, and can it serve?"""

import redis
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse


def alive(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """503 names what cannot be reached, never why: the reason may hold addresses."""
    missing = [name for name, check in (("database", _database), ("redis", _redis)) if not check()]
    return JsonResponse(
        {"status": "ok" if not missing else "unavailable", "missing": missing}, status=503 if missing else 200
    )


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def _redis() -> bool:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
