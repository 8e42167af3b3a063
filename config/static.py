"""Static files under hashed names, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from whitenoise.compress import Compressor
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile
from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Also rewrites ``import`` in JavaScript modules, which Django leaves out by default."""

    support_js_module_import_aggregation = True

    def create_compressor(self, **options: Any) -> Compressor:
        """gzip alone: Brotli saves a tenth more and made the first start 8 s longer."""
        return Compressor(**{**options, "use_brotli": False})


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]  # whitenoise has no types
    """WhiteNoise for both kinds of handlers.

    Its own is synchronous only: all that lies behind it then runs under a thread, which asynchronous views would hold
    for as long as they wait, and which does not tell them that the client has hung up.
    """

    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        super().__init__(get_response)
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        if not iscoroutinefunction(self):
            return super().__call__(request)
        known = self.find_file(request.path_info) if self.autorefresh else self.files.get(request.path_info)
        return self.get_response(request) if known is None else self._serve_later(known, request)

    async def _serve_later(self, known: StaticFile, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = await sync_to_async(self.serve)(known, request)
        return response


def collect_if_changed() -> bool:
    """Run collectstatic when a source file changed since the last time; True if so."""
    stamp = Path(settings.STATIC_ROOT) / ".sources"
    now = _fingerprint()
    if stamp.exists() and stamp.read_text() == now:
        return False
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(now)
    return True


def _fingerprint() -> str:
    """Of the names, sizes and times of all source files."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
