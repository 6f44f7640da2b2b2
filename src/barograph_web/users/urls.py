"""Pages of this app."""

from __future__ import annotations

from django.urls import path

from barograph_web.users import views_own, views_people, views_teams

app_name = "users"
urlpatterns = [
    path("people/", views_people.people, name="people"),
    path("people/add/", views_people.add, name="add"),
    path("people/<int:pk>/", views_people.person, name="person"),
    path("people/<int:pk>/invite/", views_people.invite, name="invite"),
    path("people/<int:pk>/active/", views_people.active, name="active"),
    path("people/<int:pk>/second-factor/", views_people.second_factor, name="second_factor"),
    path("people/<int:pk>/sign-out/", views_people.sign_out, name="sign_out"),
    path("teams/", views_teams.teams, name="teams"),
    path("teams/add/", views_teams.team, name="add_team"),
    path("teams/<int:pk>/", views_teams.team, name="team"),
    path("teams/<int:pk>/remove/", views_teams.remove, name="remove_team"),
    path("stand-ins/", views_teams.stand_ins, name="stand_ins"),
    path("stand-ins/<int:pk>/end/", views_teams.end_stand_in, name="end_stand_in"),
    path("me/", views_own.me, name="me"),
    path("me/theme/", views_own.theme, name="theme"),
    path("me/stand-ins/", views_own.add_stand_in, name="own_stand_in"),
    path("me/stand-ins/<int:pk>/end/", views_own.end_stand_in, name="end_own_stand_in"),
    path("me/tokens/", views_own.add_token, name="add_token"),
    path("me/tokens/<int:pk>/revoke/", views_own.revoke_token, name="revoke_token"),
]
