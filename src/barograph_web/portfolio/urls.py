"""Pages of this app."""

from __future__ import annotations

from django.urls import path, register_converter

from barograph_web.portfolio import views, views_account, views_trends
from barograph_web.portfolio.keys import AccountKey

register_converter(AccountKey, "account")

app_name = "portfolio"
urlpatterns = [
    path("", views.table, name="table"),
    path("export.csv", views.export, name="export"),
    path("groups/", views.groups, name="groups"),
    path("over-time/", views_trends.over_time, name="over_time"),
    path("movement/", views_trends.matrix, name="movement"),
    path("alarm/", views_trends.structural_alarm, name="alarm"),
    path("find/", views.find, name="find"),
    path("shared/", views.shared_with_me, name="shared"),
    path("views/", views.save_view, name="save_view"),
    path("views/<int:pk>/delete/", views.delete_view, name="delete_view"),
    path("accounts/<account:account_id>/", views_account.account, name="account"),
    path("accounts/<account:account_id>/notes/", views_account.write_note, name="write_note"),
    path("accounts/<account:account_id>/notes/<int:pk>/", views_account.replace_note, name="replace_note"),
    path("accounts/<account:account_id>/notes/<int:pk>/erase/", views_account.erase_note, name="erase_note"),
    path("accounts/<account:account_id>/sharing/", views_account.share, name="share"),
    path(
        "accounts/<account:account_id>/sharing/<int:pk>/stop/",
        views_account.stop_sharing,
        name="stop_sharing",
    ),
]
