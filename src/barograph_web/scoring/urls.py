"""Pages of this app."""

from __future__ import annotations

from django.urls import path

from barograph_web.scoring import views, views_decide, views_drafts

app_name = "scoring"
urlpatterns = [
    path("", views.overview, name="models"),
    path("release/", views_decide.release, name="release"),
    path("learn/", views_decide.learn, name="learn"),
    path("validate/", views_decide.validate, name="validate"),
    path("reports/<str:name>", views.report, name="report"),
    path("drafts/", views_drafts.begin, name="begin"),
    path("drafts/<int:number>/", views_drafts.draft, name="draft"),
    path("drafts/<int:number>/text/", views_drafts.text, name="draft-text"),
    path("drafts/<int:number>/file.toml", views_drafts.file, name="draft-file"),
    path("drafts/<int:number>/effect/", views_drafts.effect, name="effect"),
    path("drafts/<int:number>/submit/", views_drafts.submit, name="submit"),
    path("drafts/<int:number>/reopen/", views_drafts.reopen, name="reopen"),
    path("drafts/<int:number>/drop/", views_drafts.drop, name="drop"),
    path("drafts/<int:number>/send-back/", views_decide.send_back, name="send-back"),
    path("drafts/<int:number>/approve/", views_decide.approve_draft, name="approve-draft"),
    path("<str:key>/", views.version, name="version"),
    path("<str:key>/file.toml", views.file, name="file"),
    path("<str:key>/validation/", views.validation, name="validation"),
    path("<str:key>/against/<str:other>/", views.compare, name="compare"),
    path("<str:key>/approve/", views_decide.approve, name="approve"),
    path("<str:key>/roll-back/", views_decide.roll_back, name="roll-back"),
]
