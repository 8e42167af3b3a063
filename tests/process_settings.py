"""The settings of a process that a test starts: those of the run, on the test's own database and in its own folders."""

import os
from pathlib import Path

from tests.settings import *  # noqa: F403

DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]  # noqa: F405
MEDIA_ROOT = Path(os.environ["TEST_MEDIA_ROOT"])
UPLOADS = Path(os.environ["TEST_UPLOADS"])
