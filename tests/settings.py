"""The settings of a test run: the product's own, with a data folder that lives as long as the run.

Made here and not in conftest.py because pytest-django reads the settings before any conftest. Workers of pytest-xdist
inherit the folder through the environment, and with it one Postgres for all (each with a database of its own).
"""

import atexit
import os
import shutil
import tempfile

RUN_FOLDER = "SCRIPTA_TEST_RUN"

if RUN_FOLDER not in os.environ:
    os.environ[RUN_FOLDER] = tempfile.mkdtemp(prefix="scripta-test-")
    atexit.register(shutil.rmtree, os.environ[RUN_FOLDER], ignore_errors=True)
    # Models are large: they stay where `make run` and earlier runs keep them.
    os.environ.setdefault("SCRIPTA_MODELS", os.path.abspath(os.environ.get("SCRIPTA_DATA") or "data") + "/models")  # noqa: PTH100, PTH118
    os.environ["SCRIPTA_DATA"] = os.environ[RUN_FOLDER]

from config.settings import *  # noqa: E402, F403 -- the environment comes first

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one takes 0.3 s on purpose
API_KEY_RATE = API_USER_RATE = 0  # tests that mean them set them
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
