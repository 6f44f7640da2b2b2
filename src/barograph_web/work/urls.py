"""Pages of this app."""

from __future__ import annotations

from django.urls import path

import barograph_web.portfolio.urls  # noqa: F401 - makes the path converter "account" known
from barograph_web.work import views, views_accounts, views_calendar, views_tasks, views_team

app_name = "work"
urlpatterns = [
    path("", views.mine, name="list"),
    path("export.csv", views.export_csv, name="export"),
    path("views/", views.save_view, name="save_view"),
    path("views/<int:pk>/delete/", views.delete_view, name="delete_view"),
    path("tasks/<int:pk>/", views_tasks.task, name="task"),
    path("tasks/<int:pk>/comments/", views_tasks.comment, name="comment"),
    path("comments/<int:pk>/erase/", views_tasks.erase_comment, name="erase_comment"),
    path("act/<slug:do>/", views_tasks.act, name="act"),
    path("team/", views_team.team, name="team"),
    path("team/<int:pk>/hand-over/", views_team.hand_over_all, name="hand_over_all"),
    path("calendar/", views_calendar.calendar, name="calendar"),
    path("calendar/make/", views_calendar.make, name="make_calendar"),
    path("calendar/withdraw/", views_calendar.withdraw, name="withdraw_calendar"),
    path("feed/<str:key>.ics", views_calendar.feed, name="feed"),
    path("accounts/<account:account_id>/touches/", views_accounts.log_touch, name="log_touch"),
    path("accounts/<account:account_id>/plays/", views_accounts.open_play, name="open_play"),
    path("accounts/<account:account_id>/tasks/", views_accounts.add_task, name="add_task"),
]
