"""People who use Scripta, and the links that let them in. They sign in with their e-mail address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email.strip()), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> User:
        return self.get(email__iexact=email)


class User(AbstractUser):
    class Theme(models.TextChoices):
        SYSTEM = "system", _("Same as the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    username = None  # type: ignore[assignment]  # the way Django documents to remove a field
    first_name = None  # type: ignore[assignment]  # as above: one name, in the order its owner writes it
    last_name = None  # type: ignore[assignment]  # as above
    email = models.EmailField(
        "e-mail address", unique=True, error_messages={"unique": _("Somebody already uses this e-mail address.")}
    )
    name = models.CharField(max_length=150, blank=True)
    default_language = models.CharField(
        "language of new recordings", max_length=10, blank=True, help_text="Empty: the language is detected."
    )
    language = models.CharField(
        "language of the pages", max_length=10, blank=True, help_text="Empty: as the browser asks."
    )
    theme = models.CharField(max_length=10, choices=Theme.choices, default=Theme.SYSTEM)
    notify_by_mail = models.BooleanField("mail me when a transcript is ready", default=False)
    notify_of_comments = models.BooleanField("mail me about new comments", default=True)
    session_epoch = models.PositiveIntegerField(
        default=0, editable=False, help_text="Counts up to end every session of this person at once."
    )

    deleted_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="The account is gone; its data are being deleted."
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_any_case",
                violation_error_message=_("Somebody already uses this e-mail address."),
            )
        ]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name or self.email.partition("@")[0]

    def get_session_auth_hash(self) -> str:
        return self._session_hash(None)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return (self._session_hash(secret) for secret in settings.SECRET_KEY_FALLBACKS)

    def _session_hash(self, secret: str | bytes | None) -> str:
        """A session lives as long as this stays the same: until the password or the epoch changes."""
        value = f"{self.password}:{self.session_epoch}"
        return salted_hmac("accounts.User.session", value, secret=secret, algorithm="sha256").hexdigest()


class FirstRunToken(models.Model):
    """The secret of the link that creates the first administrator. Only its SHA-256 is kept."""

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"first-run link until {self.expires_at:%Y-%m-%d %H:%M}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def pending(self) -> InvitationQuerySet:
        """Invitations that can still be accepted."""
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())


class Invitation(models.Model):
    """Lets one person make an account. The link's secret is shown once; only its SHA-256 is kept."""

    email = models.EmailField("e-mail address")
    as_administrator = models.BooleanField("may administer", default=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="invitations_sent")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    accepted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[models.Manager[Invitation]] = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"invitation of {self.email}"

    @property
    def state(self) -> str:
        """``accepted``, ``revoked``, ``expired`` or ``pending``."""
        if self.accepted_at:
            return "accepted"
        if self.revoked_at:
            return "revoked"
        return "pending" if self.expires_at > timezone.now() else "expired"

    @property
    def state_label(self) -> StrOrPromise:
        return INVITATION_STATES[self.state]


INVITATION_STATES: dict[str, StrOrPromise] = {
    "accepted": pgettext_lazy("invitation", "accepted"),
    "revoked": pgettext_lazy("invitation", "revoked"),
    "expired": pgettext_lazy("invitation", "expired"),
    "pending": pgettext_lazy("invitation", "pending"),
}


class Scope(models.TextChoices):
    READ = "read", _("Read recordings and transcripts")
    WRITE = "write", _("Make, change and delete them")
    LIVE = "live", _("Speak live")
    ADMIN = "admin", _("Administer the server")


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def in_force(self) -> ApiKeyQuerySet:
        """Keys that open something now. A client's secret ends with the key that made it."""
        now = timezone.now()
        living = Q(expires_at=None) | Q(expires_at__gt=now)
        parent_living = Q(parent__expires_at=None) | Q(parent__expires_at__gt=now)
        return self.filter(living, parent_living, revoked_at=None, parent__revoked_at=None, user__is_active=True)

    def lasting(self) -> ApiKeyQuerySet:
        """Those that people made, without the short-lived secrets that programs make for browsers."""
        return self.filter(is_client_secret=False)


class ApiKey(models.Model):
    """Lets a program act for a person. The key is shown once; only its SHA-256 is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16, editable=False, help_text="How the key begins, to tell keys apart.")
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope.choices))
    keeps_recordings = models.BooleanField(
        default=False, help_text="What is sent to /v1/audio/ stays in the library. Else it is deleted with the answer."
    )
    is_client_secret = models.BooleanField(
        default=False, editable=False, help_text="Made by a program for a browser, for one session and a short time."
    )
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, editable=False, related_name="client_secrets"
    )
    session = models.JSONField(null=True, blank=True, editable=False, help_text="What a client's secret is set to.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[models.Manager[ApiKey]] = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def state(self) -> str:
        """``revoked``, ``expired`` or ``active``."""
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at and self.expires_at <= timezone.now() else "active"

    @property
    def state_label(self) -> StrOrPromise:
        return KEY_STATES[self.state]


KEY_STATES: dict[str, StrOrPromise] = {
    "active": pgettext_lazy("API key", "active"),
    "expired": pgettext_lazy("API key", "expired"),
    "revoked": pgettext_lazy("API key", "revoked"),
}


class KeyUsage(models.Model):
    """What one key was used for on one day."""

    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="usage")
    day = models.DateField()
    requests = models.PositiveIntegerField(default=0, help_text="WebSockets count once.")
    audio_seconds = models.FloatField(default=0, help_text="Of sound that was transcribed.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "day"], name="usage_of_a_day")]
        verbose_name = verbose_name_plural = "API key usage"

    def __str__(self) -> str:
        return f"{self.key_id} on {self.day}: {self.requests} requests, {self.audio_seconds:.0f} s"


class Attempt(models.Model):
    """One use of a limited page. Rows in the database are counted right by any number of web processes."""

    kind = models.CharField(max_length=20)
    key_hash = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["kind", "key_hash", "at"]), models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"
