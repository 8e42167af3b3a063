"""All settings of Scripta. Every knob comes from the environment; a bad value stops the start with a clear message.

``docs/configuration.md`` lists them for administrators.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF

from config import embedded, logs
from config.environment import choice, days, env, networks, private_folder, read, secret_key, size
from config.languages import RECORDING_LANGUAGES as RECORDING_LANGUAGES

BASE_DIR = Path(__file__).resolve().parent.parent

# Where things are ---------------------------------------------------------------------------------------------------
DATA = private_folder(Path(os.environ.get("SCRIPTA_DATA") or BASE_DIR / "data").expanduser().resolve())
MODELS = Path(os.environ.get("SCRIPTA_MODELS") or DATA / "models").expanduser().resolve()
HOST = os.environ.get("SCRIPTA_HOST") or "127.0.0.1"
PORT = read("int", "SCRIPTA_PORT", 8000)

DEBUG = read("bool", "SCRIPTA_DEBUG", False)
SECRET_KEY = secret_key("SCRIPTA_SECRET_KEY", DATA / "secret_key")

# With no list of names given, only names of this machine are answered: a page of another site cannot rebind to us.
# They always are: the supervisor, and health checks on this machine, ask under them.
ALLOWED_HOSTS = [*read("list", "SCRIPTA_ALLOWED_HOSTS", [HOST]), "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = read("list", "SCRIPTA_TRUSTED_ORIGINS", [])
BEHIND_PROXY = read("bool", "SCRIPTA_BEHIND_PROXY", False)
HTTPS = read("bool", "SCRIPTA_HTTPS", BEHIND_PROXY)
PUBLIC_URL = os.environ.get("SCRIPTA_PUBLIC_URL", "").rstrip("/")
"""Address that people use, for links in mails sent by a worker; "" means http://HOST:PORT."""

# Applications -------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "accounts.apps.AccountsConfig",
    "transcription.apps.TranscriptionConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "axes",
    "csp",
    "channels",
    "procrastinate.contrib.django",
    "rest_framework",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.static.StaticFiles",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "accounts.middleware.rate_headers",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.i18n",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]

# Database, channel layer, cache -------------------------------------------------------------------------------------
EMBEDDED_DATABASE = not os.environ.get("DATABASE_URL")
EMBEDDED_REDIS = not os.environ.get("REDIS_URL")
DATABASES: dict[str, dict[str, Any]] = {
    "default": embedded.database_settings(DATA) if EMBEDDED_DATABASE else read("db", "DATABASE_URL", None)
}
# A connection that went away with a restarted server is noticed before it is used, not after.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = embedded.redis_url(DATA) if EMBEDDED_REDIS else os.environ["REDIS_URL"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}}

# Accounts -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "library"
LOGOUT_REDIRECT_URL = "accounts:sign-in"
PASSWORD_RESET_TIMEOUT = 60 * 60 * 24
OPEN_SIGNUP = read("bool", "SCRIPTA_OPEN_SIGNUP", False)
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the time that the page names stays true
AXES_LOCKOUT_CALLABLE = "accounts.views.throttled.locked_out"
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "accounts.client.sign_in_name"
AXES_CLIENT_IP_CALLABLE = "accounts.client.ip_address"
AXES_DISABLE_ACCESS_LOG = True  # it would keep every sign-in with its address for ever
AXES_VERBOSE = False

# Mail ---------------------------------------------------------------------------------------------------------------
vars().update(env.email_url("SCRIPTA_EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = os.environ.get("SCRIPTA_EMAIL_FROM") or "Scripta <scripta@localhost>"
EMAIL_TIMEOUT = 10

# Security -----------------------------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = False  # the proxy's work; behind it every request would look like plain HTTP to a health check
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 30 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF, "blob:"],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

# Files --------------------------------------------------------------------------------------------------------------
MEDIA_ROOT = DATA / "media"
UPLOADS = DATA / "uploads"
"""Where the bytes of unfinished uploads wait. Web processes on several machines must share it."""
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.static.ModuleManifestStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

MAX_UPLOAD_SIZE = size("SCRIPTA_MAX_UPLOAD_SIZE", "10G")
USER_QUOTA = size("SCRIPTA_USER_QUOTA", "0")
"""Bytes of recordings that one user may keep; 0 means no limit."""
MAX_DURATION_HOURS = read("float", "SCRIPTA_MAX_DURATION_HOURS", 24.0)
LIVE_ABANDONED_MINUTES = read("float", "SCRIPTA_LIVE_ABANDONED_MINUTES", 10.0)
UPLOAD_CHUNK_SIZE = 8 * 2**20
UPLOAD_EXPIRY_HOURS = read("int", "SCRIPTA_UPLOAD_EXPIRY_HOURS", 72)
IMPORT_HOSTS = read("list", "SCRIPTA_IMPORT_HOSTS", [])
"""Patterns of the host names from which files may be fetched by address; none: nothing is, ``*``: any public one."""
IMPORT_HOURS = 2.0
"""How long fetching one file may take."""
WEBHOOKS_ALLOW_PRIVATE = networks("SCRIPTA_WEBHOOKS_ALLOW_PRIVATE")
"""Host names and networks (CIDR) that may be reached although they are not public."""
TRASH_DAYS = read("int", "SCRIPTA_TRASH_DAYS", 30)
RETENTION_SOUND_DAYS = days("SCRIPTA_RETENTION_SOUND_DAYS")
"""Days after which the sound of a recording goes at the latest; 0 means never. Its text stays."""
RETENTION_DAYS = days("SCRIPTA_RETENTION_DAYS")
"""Days after which a recording goes at the latest, with everything; 0 means never."""
DATA_EXPORT_DAYS = 7
"""How long a copy of all that somebody has is kept."""

# Speech -------------------------------------------------------------------------------------------------------------
ENGINE = choice("SCRIPTA_ENGINE", "faster-whisper", ("faster-whisper", "openai-whisper", "scripted"))
MODEL = os.environ.get("SCRIPTA_MODEL") or "base"
DEVICE = choice("SCRIPTA_DEVICE", "auto", ("auto", "cpu", "cuda"))
COMPUTE_TYPE = os.environ.get("SCRIPTA_COMPUTE_TYPE") or "auto"
THREADS = read("int", "SCRIPTA_THREADS", 0)
BEAM_SIZE = read("int", "SCRIPTA_BEAM_SIZE", 5)
WORKER_CONCURRENCY = read("int", "SCRIPTA_WORKER_CONCURRENCY", 1)

# Live captions ------------------------------------------------------------------------------------------------------
LIVE = read("bool", "SCRIPTA_LIVE", True)
LIVE_MODEL = os.environ.get("SCRIPTA_LIVE_MODEL") or MODEL
LIVE_THREADS = read("int", "SCRIPTA_LIVE_THREADS", THREADS)
LIVE_SPEAKERS = read("int", "SCRIPTA_LIVE_SPEAKERS", 0)
"""Who may speak at once through one web process; 0: as many as the engine was measured to serve."""
LIVE_WATCHERS = read("int", "SCRIPTA_LIVE_WATCHERS", 1000)
"""Who may follow one recording through one web process."""
LIVE_UNFINISHED = read("int", "SCRIPTA_LIVE_UNFINISHED", 20)
"""Live recordings that one person may have unfinished at once."""
CONSENT_NOTICE = read("bool", "SCRIPTA_CONSENT_NOTICE", False)

# Jobs: a worker says every few seconds that it lives; one that was silent for longer has lost its jobs. -------------
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"
HEARTBEAT_SECONDS = read("float", "SCRIPTA_HEARTBEAT_SECONDS", 3.0)
STALLED_SECONDS = read("float", "SCRIPTA_STALLED_SECONDS", 10.0)

# Language, time, logs -----------------------------------------------------------------------------------------------
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
"""Of the pages, each by its own name. ``manage.py update_messages`` makes the catalogue of one that is new here."""
LANGUAGE_CODE = choice("SCRIPTA_LANGUAGE", "en", tuple(code for code, _ in LANGUAGES))
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
LANGUAGE_COOKIE_SECURE = HTTPS
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = os.environ.get("SCRIPTA_TIME_ZONE") or "UTC"
USE_TZ = True
USE_I18N = True
LOG_LEVEL = choice("SCRIPTA_LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING_CONFIG = None
logs.configure(level=LOG_LEVEL)
DJANGO_STRUCTLOG_COMMAND_LOGGING_ENABLED = False

# Programs -----------------------------------------------------------------------------------------------------------
API_KEY_RATE = read("int", "SCRIPTA_API_KEY_RATE", 600)
"""Requests a minute that one key may make; 0: any number."""
API_USER_RATE = read("int", "SCRIPTA_API_USER_RATE", 1200)
"""Requests a minute of one person, with all keys and pages together; 0: any number."""
OPENAI_WAITING = read("int", "SCRIPTA_OPENAI_WAITING", 100)
"""Requests to /v1/audio/ that may wait for their text at once, in one web process."""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.KeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.authentication.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["transcription.api.parsers.StrictJSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.throttling.RateThrottle"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,  # OPTIONS would describe a view anew, beside the schema
    "URL_FORMAT_OVERRIDE": None,  # "format" is what a transcript is exported in
    "EXCEPTION_HANDLER": "transcription.api.problems.problem_handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Scripta",
    "DESCRIPTION": "Record, upload, transcribe, read and search, as the pages do.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "RecordingStateEnum": "transcription.enums.RecordingState",
        "KeyStateEnum": "transcription.api.people.KEY_STATES",
        "JobStateEnum": "transcription.enums.JobState",
        "LanguageEnum": "config.settings.RECORDING_LANGUAGES",
        "PageLanguageEnum": "config.settings.LANGUAGES",
        "TaskEnum": "transcription.enums.Task",
        "ExportStateEnum": "transcription.enums.ExportState",
        "TagColorEnum": "transcription.enums.TagColor",
        "RoleEnum": "transcription.enums.Role",
        "GrantRoleEnum": "transcription.enums.GrantRole",
        "LinkRoleEnum": "transcription.enums.LinkRole",
        "LinkKindEnum": "transcription.enums.LinkKind",
    },
}
