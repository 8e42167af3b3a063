"""Who asks: the person, the keys of programs, and what they were used for."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.authentication import key_of
from accounts.errors import TooManyAttempts
from accounts.models import ApiKey, KeyUsage, Scope, User
from accounts.services import change_settings, keys, usage
from accounts.views.throttled import PASSWORD_CHANGES
from transcription.api.admission import READ_OR_WRITE, user_of
from transcription.api.idempotency import IDEMPOTENCY_KEY, idempotent
from transcription.api.pagination import newest_page, number, paged, refuse_unknown
from transcription.api.schema import PAGE, answered, asked, operation, page_of
from transcription.api.serializers import PlainCharField, StrictBooleanField, StrictSerializer
from transcription.models import Recording
from transcription.services import deletion

MOST_DAYS = 92
KEY_STATES = [(state, state) for state in ("active", "expired", "revoked")]
KEY_FIELDS = (
    "id",
    "name",
    "prefix",
    "scopes",
    "state",
    "keeps_recordings",
    "created_at",
    "expires_at",
    "last_used_at",
    "revoked_at",
)
KEY = {
    "id": 3,
    "name": "Captions in the lecture hall",
    "prefix": "scr_Zx81bQ0a",
    "scopes": ["read", "live"],
    "state": "active",
    "keeps_recordings": False,
    "created_at": "2026-11-26T09:00:00Z",
    "expires_at": None,
    "last_used_at": None,
    "revoked_at": None,
}


class KeySerializer(serializers.ModelSerializer[ApiKey]):
    """A key without its secret; ``prefix`` is how it begins."""

    state = serializers.ChoiceField(KEY_STATES)
    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices))

    class Meta:
        model = ApiKey
        fields = KEY_FIELDS


class MadeKeySerializer(KeySerializer):
    """The only answer that holds the key itself."""

    key = serializers.CharField(read_only=True)

    class Meta(KeySerializer.Meta):
        fields = (*KEY_FIELDS, "key")  # type: ignore[assignment]


class NewKeySerializer(StrictSerializer):
    name = PlainCharField(max_length=100)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(Scope.choices), allow_empty=False, max_length=len(Scope), required=False
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True, help_text="In the future; null: never.")
    keeps_recordings = StrictBooleanField(required=False, help_text="What comes by /v1/audio/ stays.")

    def validate_expires_at(self, value: Any) -> Any:
        if value is not None and value <= timezone.now():
            raise serializers.ValidationError(gettext("This is over already."))
        return value


class KeysView(APIView):
    """A key must not be able to give itself more than it has: only people, and keys that administer, come here."""

    required_scope = Scope.ADMIN

    @operation(
        "keys_list",
        "List your keys",
        "keys",
        {200: page_of("Key", KeySerializer)},
        problems=(400,),
        parameters=PAGE,
        examples=[answered({"next": None, "results": [KEY]})],
    )
    def get(self, request: Request) -> Response:
        """Newest first, those that are over too."""
        refuse_unknown(request, "limit", "cursor")
        page, url = newest_page(request, ApiKey.objects.filter(user=user_of(request), is_client_secret=False))
        return paged(KeySerializer(page, many=True).data, url)

    @operation(
        "keys_create",
        "Make a key",
        "keys",
        {201: MadeKeySerializer},
        problems=(400, 409, 415, 422),
        request=NewKeySerializer,
        parameters=[IDEMPOTENCY_KEY],
        examples=[
            asked({"name": "Captions in the lecture hall", "scopes": ["read", "live"]}),
            answered({**KEY, "key": "scr_Zx81bQ0a…"}, status=201),
        ],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """The key itself is in this answer and nowhere else; an `Idempotency-Key` keeps the answer encrypted."""
        refuse_unknown(request)
        sent = NewKeySerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        row, key = keys.create_key(user=user_of(request), **sent.validated_data)
        return Response({**KeySerializer(row).data, "key": key}, status=201, headers={"Cache-Control": "no-store"})


class KeyView(APIView):
    required_scope = Scope.ADMIN

    @operation("keys_revoke", "Revoke a key", "keys", {204: None}, problems=(404,))
    def delete(self, request: Request, pk: int) -> Response:
        """At once; what it holds open ends within a minute. One that is revoked already stays so."""
        refuse_unknown(request)
        rows = ApiKey.objects.filter(user=user_of(request), is_client_secret=False)
        keys.revoke(row=get_object_or_404(rows, pk=pk))
        return Response(status=204)


class UsageSerializer(serializers.ModelSerializer[KeyUsage]):
    class Meta:
        model = KeyUsage
        fields = ("day", "key", "requests", "audio_seconds")


class UsagesSerializer(serializers.Serializer[Any]):
    """Of your keys: by day and key, newest first, and in all."""

    days = serializers.IntegerField()
    requests = serializers.IntegerField()
    audio_seconds = serializers.FloatField()
    by_day = UsageSerializer(many=True)


class UsageView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "usage",
        "What your keys were used for",
        "keys",
        {200: UsagesSerializer},
        problems=(400,),
        parameters=[
            OpenApiParameter(
                "days", {"type": "integer", "minimum": 1, "maximum": MOST_DAYS, "default": usage.SHOWN_DAYS}
            )
        ],
        examples=[
            answered(
                {
                    "days": 30,
                    "requests": 12,
                    "audio_seconds": 66.0,
                    "by_day": [{"day": "2026-11-26", "key": 3, "requests": 12, "audio_seconds": 66.0}],
                }
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """Requests, and seconds of sound that were transcribed; today is the last day."""
        refuse_unknown(request, "days")
        days = number(request, "days", least=1, most=MOST_DAYS, usual=usage.SHOWN_DAYS)
        own_keys = ApiKey.objects.filter(user=user_of(request)).values_list("pk", flat=True)
        rows = usage.daily_usage(key_ids=own_keys, days=days)
        sums = {name: sum(getattr(row, name) for row in rows) for name in ("requests", "audio_seconds")}
        return Response({"days": days, **sums, "by_day": UsageSerializer(rows, many=True).data})


class MeSerializer(serializers.ModelSerializer[User]):
    """``key`` is the one that asks, null for a session. Sizes in bytes; a quota of 0 is none."""

    is_administrator = serializers.BooleanField(source="is_superuser")
    key = serializers.SerializerMethodField()
    bytes_used = serializers.SerializerMethodField()
    quota = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = (
            "id",
            "email",
            "name",
            "is_administrator",
            "language",
            "default_language",
            "notify_by_mail",
            "notify_of_comments",
            "key",
            "bytes_used",
            "quota",
        )

    def get_key(self, user: User) -> int | None:
        key = key_of(self.context["request"])
        return key.pk if key else None

    def get_bytes_used(self, user: User) -> int:
        return Recording.objects.owned_by(user).bytes_used()

    def get_quota(self, user: User) -> int:
        return settings.USER_QUOTA


class PasswordSerializer(StrictSerializer):
    password = serializers.CharField(max_length=4096, trim_whitespace=False)


ME = {
    "id": 1,
    "email": "ada@example.org",
    "name": "Ada",
    "is_administrator": False,
    "language": "de",
    "default_language": "",
    "notify_by_mail": False,
    "notify_of_comments": True,
    "key": 3,
    "bytes_used": 1152693,
    "quota": 0,
}


class MySettingsSerializer(StrictSerializer):
    """At least one of them; what is left out stays."""

    language = serializers.ChoiceField(
        settings.LANGUAGES, allow_blank=True, required=False, help_text="Empty: as the browser asks."
    )
    notify_by_mail = StrictBooleanField(required=False, help_text="When a transcript is ready.")
    notify_of_comments = StrictBooleanField(
        required=False, help_text="Of new comments on your recordings, and where you take part or are named."
    )

    def validate(self, values: Any) -> Any:
        if not values:
            raise serializers.ValidationError(gettext("Say what is to be changed."))
        return values


class MeView(APIView):
    required_scope = READ_OR_WRITE | {"DELETE": Scope.ADMIN}

    @operation("me", "Who is asking", "keys", {200: MeSerializer}, examples=[answered(ME)])
    def get(self, request: Request) -> Response:
        """`language` is that of pages, mails and messages, `default_language` that of new recordings."""
        refuse_unknown(request)
        return Response(MeSerializer(user_of(request), context={"request": request}).data)

    @operation(
        "me_change",
        "Choose the language of the pages, and which mails you get",
        "keys",
        {200: MeSerializer},
        problems=(400, 415),
        request=MySettingsSerializer,
        examples=[asked({"language": "de", "notify_by_mail": False}), answered(ME)],
    )
    def patch(self, request: Request) -> Response:
        """The language is that of pages and mails; messages to programs follow `Accept-Language`."""
        refuse_unknown(request)
        sent = MySettingsSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        user = user_of(request)
        change_settings(user=user, **sent.validated_data)
        user.refresh_from_db(fields=list(sent.validated_data))
        return Response(MeSerializer(user, context={"request": request}).data)

    @operation(
        "me_delete",
        "Delete your account, with everything in it",
        "keys",
        {204: None},
        problems=(400, 409, 415),
        request=PasswordSerializer,
        examples=[asked({"password": "correct horse battery"})],
    )
    def delete(self, request: Request) -> Response:
        """At once no session and no key opens anything; files are deleted soon after. The last administrator stays.

        A key needs the scope `admin`.
        """
        refuse_unknown(request)
        sent = PasswordSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        user = user_of(request)
        try:
            services.count_attempt(limit=PASSWORD_CHANGES, key=str(user.pk))
        except TooManyAttempts as error:
            raise exceptions.Throttled((error.until - timezone.now()).total_seconds()) from error
        if not user.check_password(sent.validated_data["password"]):
            raise exceptions.ValidationError({"password": [gettext("This is not your password.")]})
        deletion.delete_account(user=user)
        return Response(status=204)
