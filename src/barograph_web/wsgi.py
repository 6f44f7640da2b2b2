"""The WSGI application, for `barograph serve` and for any other WSGI server."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "barograph_web.settings")
application = get_wsgi_application()
