from django.contrib.auth.views import LogoutView
from django.urls import path

from accounts.views import entrance, invitations, languages, passwords, profile

app_name = "accounts"
urlpatterns = [
    path("sign-in/", entrance.SignInView.as_view(), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("sign-up/", entrance.SignUpView.as_view(), name="sign-up"),
    # What follows first-run/, invitation/ and reset/ is secret; config.logs keeps it out of every log line.
    path("first-run/", entrance.FirstRunView.as_view(), name="first-run"),
    path("first-run/<str:token>/", entrance.LinkView.as_view(purpose="first-run"), name="first-run-link"),
    path("invitation/", entrance.InvitationView.as_view(), name="invitation"),
    path("invitation/<str:token>/", entrance.LinkView.as_view(purpose="invitation"), name="invitation-link"),
    path("reset/", passwords.ForgottenPasswordView.as_view(), name="reset"),
    path("reset/sent/", passwords.ResetSentView.as_view(), name="reset-sent"),
    path("reset/done/", passwords.ResetDoneView.as_view(), name="reset-done"),
    path("reset/<str:uidb64>/<str:token>/", passwords.ResetPasswordView.as_view(), name="reset-link"),
    path("language/", languages.choose_language, name="language"),
    path("password/", passwords.ChangePasswordView.as_view(), name="change-password"),
    path("profile/", profile.ProfileView.as_view(), name="profile"),
    path("profile/sign-out-elsewhere/", profile.sign_out_elsewhere, name="sign-out-elsewhere"),
    path("profile/keys/", profile.CreateKeyView.as_view(), name="create-key"),
    path("profile/keys/<int:pk>/revoke/", profile.revoke_key, name="revoke-key"),
    path("invitations/", invitations.InvitationsView.as_view(), name="invitations"),
    path("invitations/<int:pk>/link/", invitations.RenewInvitationView.as_view(), name="renew-invitation"),
    path("invitations/<int:pk>/revoke/", invitations.RevokeInvitationView.as_view(), name="revoke-invitation"),
]
