"""Django's settings, made from the options of one workspace (options.py). People set options, not these."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url

from barograph_web.options import read_options

OPTIONS_IN_FORCE = read_options()
WORKSPACE = Path(OPTIONS_IN_FORCE.workspace).resolve()
PACKAGE = Path(__file__).resolve().parent.parent


def _kept_secret() -> str:
    """The key in the workspace's own folder, made at first use and readable by its owner only.

    A folder that is no workspace gets nothing written into it: the key then lasts as long as the process.
    """
    file = WORKSPACE / "application" / "secret-key"
    if not (WORKSPACE / "barograph.toml").is_file():
        return secrets.token_urlsafe(48)
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        aside = file.with_suffix(f".{os.getpid()}")
        aside.touch(mode=0o600)
        aside.write_text(secrets.token_urlsafe(48), encoding="utf-8")
        try:
            os.link(aside, file)  # the first of two that start at once wins, and both read its key
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    return file.read_text(encoding="utf-8").strip()


SECRET_KEY = OPTIONS_IN_FORCE.secret_key or _kept_secret()
DEBUG = OPTIONS_IN_FORCE.debug
ALLOWED_HOSTS = list(OPTIONS_IN_FORCE.allowed_hosts)
ROOT_URLCONF = "barograph_web.urls"
WSGI_APPLICATION = "barograph_web.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = True

INSTALLED_APPS = [
    "barograph_web.ui",  # first, as users: their templates stand over those of the packages below
    "barograph_web.users",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "ninja",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "barograph_web.ops",
    "barograph_web.portfolio",
    "barograph_web.alerts",
    "barograph_web.scoring",
    "barograph_web.plays",
    "barograph_web.pulses",
    "barograph_web.growth",
    "barograph_web.work",
    "barograph_web.ingest",
    "barograph_web.review",
    "barograph_web.api",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "barograph_web.ops.middleware.RequestContextMiddleware",
    "barograph_web.ui.middleware.ContentSecurityPolicyMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "barograph_web.ops.middleware.ActingMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "barograph_web.users.middleware.SignInRequiredMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "barograph_web.ui.context.shell",
            ],
            "builtins": [
                "barograph_web.ui.templatetags.ui",
                "barograph_web.users.templatetags.people",
                "barograph_web.ops.templatetags.audit",
            ],
        },
    }
]

# Records. SQLite writes one at a time: IMMEDIATE takes the lock at the start of a transaction, and others wait.
_SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": WORKSPACE / "application" / "barograph.sqlite3",
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
        "PRAGMA mmap_size=268435456; PRAGMA cache_size=-32768;",
    },
}
DATABASES = {
    "default": dj_database_url.parse(OPTIONS_IN_FORCE.database_url, conn_max_age=60, conn_health_checks=True)
    if OPTIONS_IN_FORCE.database_url
    else _SQLITE
}

# People
AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "barograph_web.users.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login_failed": f"{OPTIONS_IN_FORCE.login_attempts}/key,20/5m/ip"}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
USERSESSIONS_TRACK_ACTIVITY = False  # a write per request would queue up before SQLite's one writer
PASSWORD_RESET_TIMEOUT = 3 * 86400
ALLAUTH_TRUSTED_PROXY_COUNT = OPTIONS_IN_FORCE.trusted_proxies
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Barograph"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are given by an administrator
MFA_ADAPTER = "barograph_web.users.mfa.EncryptingAdapter"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "application_cache"}
}

# Transport
_HTTPS = OPTIONS_IN_FORCE.https
CSRF_TRUSTED_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(OPTIONS_IN_FORCE.base_url))]
SESSION_COOKIE_AGE = OPTIONS_IN_FORCE.session_hours * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "barograph_web.ui.views.csrf_failure"
SECURE_HSTS_SECONDS = 31536000 if _HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2**20
FILE_UPLOAD_PERMISSIONS = 0o600

# Static files are served by the application itself, from the packages they come in.
STATIC_URL = "/static/"
STATIC_ROOT = WORKSPACE / "application" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# Language and time. Days are the workspace's; the middleware of ops activates its zone.
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LANGUAGE_CODE = "en-gb"

_MAIL = urlsplit(OPTIONS_IN_FORCE.mail_url)
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _MAIL.hostname else 'console'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = (
    _MAIL.hostname or "localhost",
    _MAIL.port or (465 if _MAIL.scheme == "smtps" else 587),
)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL.username or "", _MAIL.password or ""
EMAIL_USE_SSL, EMAIL_USE_TLS = _MAIL.scheme == "smtps", _MAIL.scheme == "smtp" and bool(_MAIL.username)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = OPTIONS_IN_FORCE.mail_from

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "barograph_web.ops.logs.TextFormatter"},
        "json": {"()": "barograph_web.ops.logs.JsonFormatter"},
    },
    "filters": {"request": {"()": "barograph_web.ops.logs.RequestFilter"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": OPTIONS_IN_FORCE.log_format,
            "filters": ["request"],
        }
    },
    "root": {"handlers": ["stderr"], "level": OPTIONS_IN_FORCE.log_level},
}
