"""A real Postgres and a real Valkey from their Python wheels, for installations that bring no servers of their own.

Each data folder has at most one *keeper*: a small process that runs both servers for as long as somebody uses the
folder (``manage.py serve``, any other command, the tests). Users hold a shared lock, so nobody has to count them, a
killed user is forgotten by the kernel, and the last one to leave ends the servers. See ``client`` and ``keeper``.

Nothing here imports Django: settings are computed before Django exists.
"""

from config.embedded.client import Attachment
from config.embedded.errors import EmbeddedError
from config.embedded.folders import database_settings, redis_url

__all__ = ["Attachment", "EmbeddedError", "database_settings", "redis_url"]
