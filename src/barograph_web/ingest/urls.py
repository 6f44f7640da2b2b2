"""Pages of this app."""

from __future__ import annotations

from django.urls import path

from barograph_web.ingest import views, views_files, views_quarantine

app_name = "ingest"
urlpatterns = [
    path("", views.overview, name="data"),
    path("look/", views.look, name="look"),
    path("proposal/", views.proposal, name="proposal"),
    path("upload/", views_files.upload, name="upload"),
    path("uploads/<uuid:number>/", views_files.one, name="file"),
    path("uploads/<uuid:number>/settle/", views_files.settle, name="settle"),
    path("uploads/<uuid:number>/check/", views_files.check, name="check"),
    path("uploads/<uuid:number>/import/", views_files.bring_in, name="import"),
    path("uploads/<uuid:number>/again/", views_files.again, name="again"),
    path("uploads/<uuid:number>/delete/", views_files.delete, name="delete"),
    path("uploads/<uuid:number>/progress/", views_files.progress, name="progress"),
    path("uploads/<uuid:number>/mapping.toml", views_files.mapping, name="mapping"),
    path("quarantine/", views_quarantine.browse, name="quarantine"),
    path("quarantine.csv", views_quarantine.download, name="quarantine-csv"),
]
