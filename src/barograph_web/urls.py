"""Where things are. Each app names its own pages; `home` is the first section that a person has."""

from __future__ import annotations

from django.urls import include, path

from barograph_web.api.endpoints import api
from barograph_web.ui.views import home

urlpatterns = [
    path("", home, name="home"),
    path("review/", include("barograph_web.review.urls")),
    path("work/", include("barograph_web.work.urls")),
    path("plays/", include("barograph_web.plays.urls")),
    path("pulses/", include("barograph_web.pulses.urls")),
    path("growth/", include("barograph_web.growth.urls")),
    path("alerts/", include("barograph_web.alerts.urls")),
    path("portfolio/", include("barograph_web.portfolio.urls")),
    path("models/", include("barograph_web.scoring.urls")),
    path("data/", include("barograph_web.ingest.urls")),
    path("administration/", include("barograph_web.users.urls")),
    path("administration/", include("barograph_web.ops.urls")),
    path("sign-in/", include("barograph_web.users.sign_in_urls")),
    path("elements/", include("barograph_web.ui.urls")),
    path("api/v1/", api.urls),
    path("", include("barograph_web.ops.public_urls")),
]

handler400 = "barograph_web.ui.views.bad_request"
handler403 = "barograph_web.ui.views.forbidden"
handler404 = "barograph_web.ui.views.not_found"
handler500 = "barograph_web.ui.views.server_error"
