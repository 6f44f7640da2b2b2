"""The application's settings with a bare view and the time that the server itself took beside every answer."""

from __future__ import annotations

from barograph_web.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.web.urls"
MIDDLEWARE = ["benchmarks.web.urls.ServerTimeMiddleware", *MIDDLEWARE]  # noqa: F405
LOGGING["root"]["level"] = "ERROR"  # type: ignore[index] # noqa: F405
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"  # noqa: F405
