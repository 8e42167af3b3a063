"""Who else may see a recording: grants to people and groups, and links. For its owner."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.client import base_url
from transcription.api.admission import READ_OR_WRITE, user_of
from transcription.api.idempotency import IDEMPOTENCY_KEY, idempotent
from transcription.api.pagination import refuse_unknown
from transcription.api.recordings import own
from transcription.api.schema import answered, asked, operation
from transcription.api.serializers import PlainCharField, StrictSerializer
from transcription.enums import GrantRole, LinkKind, LinkRole
from transcription.models import Grant, ShareLink
from transcription.services import links, sharing
from transcription.services.links import LinkChoices

GRANT = {
    "id": 4,
    "recording": "0b0e8f5e-4f5a-4d0c-9d6c-0f7c5b1a2f11",
    "person": "grace@example.org",
    "group": None,
    "name": "Grace",
    "role": "reader",
    "created_at": "2026-11-26T09:00:00Z",
}
LINK = {
    "id": 9,
    "recording": "0b0e8f5e-4f5a-4d0c-9d6c-0f7c5b1a2f11",
    "kind": "transcript",
    "role": "comment",
    "label": "For the board",
    "has_password": True,
    "expires_at": "2026-12-26T09:00:00Z",
    "created_at": "2026-11-26T09:00:00Z",
    "visits": 3,
    "last_visit_at": "2026-11-26T11:30:00Z",
}


class GrantSerializer(serializers.ModelSerializer[Grant]):
    """``person`` is an e-mail address; one of it and ``group`` is null."""

    person = serializers.EmailField(source="user.email", allow_null=True, default=None)
    name = serializers.CharField(help_text="Of the person or group.")
    role = serializers.ChoiceField(GrantRole.choices)

    class Meta:
        model = Grant
        fields = tuple(GRANT)


class NewGrantSerializer(StrictSerializer):
    """Name a person or a group."""

    person = PlainCharField(max_length=254, required=False, help_text="The e-mail address, exactly.")
    group = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    role = serializers.ChoiceField(GrantRole.choices, default=GrantRole.READER)

    def validate(self, values: Any) -> Any:
        if ("person" in values) == ("group" in values):
            raise serializers.ValidationError({"person": [gettext("Name a person or a group.")]})
        return values


class ChangedGrantSerializer(StrictSerializer):
    role = serializers.ChoiceField(GrantRole.choices)


class GroupSerializer(serializers.ModelSerializer[Group]):
    class Meta:
        model = Group
        fields = ("id", "name")


class GroupsView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "groups_list",
        "List the groups that you may share with",
        "sharing",
        {200: GroupSerializer(many=True)},
        problems=(400,),
        examples=[answered([{"id": 2, "name": "Newsroom"}])],
    )
    def get(self, request: Request) -> Response:
        """Those that you are in; for administrators all. Administrators make them."""
        refuse_unknown(request)
        return Response(GroupSerializer(sharing.groups_for(user=user_of(request)), many=True).data)


class GrantsView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "grants_list",
        "List who else sees a recording",
        "sharing",
        {200: GrantSerializer(many=True)},
        problems=(400, 404),
        examples=[answered([GRANT])],
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """All of them: at most 200."""
        refuse_unknown(request)
        return Response(GrantSerializer(sharing.grants_of(recording=own(request, pk)), many=True).data)

    @operation(
        "grants_create",
        "Share a recording with a person or a group",
        "sharing",
        {201: GrantSerializer},
        problems=(400, 404, 409, 415, 422),
        request=NewGrantSerializer,
        parameters=[IDEMPOTENCY_KEY],
        examples=[asked({"person": "grace@example.org", "role": "reader"}), answered(GRANT, status=201)],
    )
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """A reader reads, hears and comments; an editor corrects the text, too. The person is told by mail.

        Who sees it already gets the new role.
        """
        refuse_unknown(request)
        recording = own(request, pk)
        sent = NewGrantSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        values = sent.validated_data
        shared = {"recording": recording, "by": user_of(request), "role": values["role"]}
        if "person" in values:
            grant = sharing.share_with_person(email=values["person"], **shared)
        else:
            grant = sharing.share_with_group(group_id=values["group"], **shared)
        return Response(GrantSerializer(grant).data, status=201)


class GrantView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "grants_change",
        "Give another role",
        "sharing",
        {200: GrantSerializer},
        problems=(400, 404, 415),
        request=ChangedGrantSerializer,
        examples=[asked({"role": "editor"}), answered(GRANT | {"role": "editor"})],
    )
    def patch(self, request: Request, pk: UUID, grant: int) -> Response:
        refuse_unknown(request)
        found = get_object_or_404(sharing.grants_of(recording=own(request, pk)), pk=grant)
        sent = ChangedGrantSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        return Response(GrantSerializer(sharing.change_role(grant=found, **sent.validated_data)).data)

    @operation("grants_withdraw", "Stop sharing with a person or group", "sharing", {204: None}, problems=(404,))
    def delete(self, request: Request, pk: UUID, grant: int) -> Response:
        """From the next request on; what is followed live ends within a minute."""
        refuse_unknown(request)
        sharing.withdraw_grant(grant=get_object_or_404(sharing.grants_of(recording=own(request, pk)), pk=grant))
        return Response(status=204)


class LinkSerializer(serializers.ModelSerializer[ShareLink]):
    """``visits`` counts how often its page was opened."""

    kind = serializers.ChoiceField(LinkKind.choices)
    role = serializers.ChoiceField(LinkRole.choices)
    has_password = serializers.BooleanField()

    class Meta:
        model = ShareLink
        fields = tuple(LINK)


class MadeLinkSerializer(LinkSerializer):
    """The only answer that holds its address."""

    url = serializers.URLField()

    class Meta(LinkSerializer.Meta):
        fields = (*LinkSerializer.Meta.fields, "url")  # type: ignore[assignment]  # one more than there


class ChangedLinkSerializer(StrictSerializer):
    """What is missing stays."""

    role = serializers.ChoiceField(LinkRole.choices, required=False)
    label = PlainCharField(  # type: ignore[assignment]  # the name that is in the request
        max_length=100, required=False, allow_blank=True, help_text="Only you see it."
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True, help_text="In the future; null: never.")
    password = PlainCharField(
        max_length=links.LONGEST_PASSWORD,
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        help_text="At least 6 characters; empty: none is asked.",
    )


class NewLinkSerializer(ChangedLinkSerializer):
    kind = serializers.ChoiceField(LinkKind.choices, default=LinkKind.TRANSCRIPT)


class LinksView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "links_list",
        "List the links to a recording",
        "sharing",
        {200: LinkSerializer(many=True)},
        problems=(400, 404),
        examples=[answered([LINK])],
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """Those that are not withdrawn, newest first."""
        refuse_unknown(request)
        return Response(LinkSerializer(links.links_of(recording=own(request, pk)), many=True).data)

    @operation(
        "links_create",
        "Make a link",
        "sharing",
        {201: MadeLinkSerializer},
        problems=(400, 404, 409, 415, 422),
        request=NewLinkSerializer,
        parameters=[IDEMPOTENCY_KEY],
        examples=[
            asked({"role": "comment", "label": "For the board", "password": "correct horse"}),
            answered({**LINK, "url": "https://scripta.example.org/shared/Zx81bQ0a…/"}, status=201),
        ],
    )
    @idempotent
    def post(self, request: Request, pk: UUID) -> Response:
        """To the transcript, or to live captions alone. Whoever has it needs no account."""
        refuse_unknown(request)
        recording = own(request, pk)
        sent = NewLinkSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        choices = LinkChoices(**sent.validated_data)
        link, token = links.create_link(recording=recording, user=user_of(request), choices=choices)
        page = "shared" if link.kind == LinkKind.TRANSCRIPT else "watch-link"
        address = base_url(request._request) + reverse(page, args=[token])
        body = {**LinkSerializer(link).data, "url": address}
        return Response(body, status=201, headers={"Cache-Control": "no-store"})


class LinkView(APIView):
    required_scope = READ_OR_WRITE

    @operation(
        "links_change",
        "Change a link",
        "sharing",
        {200: LinkSerializer},
        problems=(400, 404, 410, 415),
        request=ChangedLinkSerializer,
        examples=[asked({"expires_at": "2027-01-01T00:00:00Z"}), answered(LINK)],
    )
    def patch(self, request: Request, pk: UUID, link: int) -> Response:
        """Its address and kind stay. With another password, whoever reads by it is asked again."""
        refuse_unknown(request)
        found = get_object_or_404(links.links_of(recording=own(request, pk)), pk=link)
        sent = ChangedLinkSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        return Response(LinkSerializer(links.change_link(link=found, **sent.validated_data)).data)

    @operation("links_withdraw", "Withdraw a link", "sharing", {204: None}, problems=(404,))
    def delete(self, request: Request, pk: UUID, link: int) -> Response:
        """At once; open pages close within seconds."""
        refuse_unknown(request)
        links.revoke_link(link=get_object_or_404(links.links_of(recording=own(request, pk)), pk=link))
        return Response(status=204)
