"""Settings, all from the environment; one data directory holds everything a backup needs."""

import os
import secrets
import warnings
from pathlib import Path

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from rongtong import sqlite

PACKAGE = Path(__file__).resolve().parent.parent
PROFILE = os.environ.get("RONGTONG_PROFILE", "demo")
if PROFILE not in {"demo", "production"}:
    raise ImproperlyConfigured(f"RONGTONG_PROFILE is {PROFILE!r}; set it to demo or production")
DATA_DIR = Path(os.environ.get("RONGTONG_DATA_DIR", "var/demo")).resolve()
DEBUG = False
USE_TIMING = os.environ.get("RONGTONG_TIMING") == "1"
PASSWORD_PROFILE = os.environ.get("RONGTONG_PASSWORDS", "asvs")
if PASSWORD_PROFILE not in {"asvs", "mlps3"}:
    raise ImproperlyConfigured(f"RONGTONG_PASSWORDS is {PASSWORD_PROFILE!r}; set it to asvs or mlps3")


def _secret_key() -> str:
    """The key of RONGTONG_SECRET_KEY_FILE; outside production one is made beside the data on first use."""
    named = os.environ.get("RONGTONG_SECRET_KEY_FILE")
    path = Path(named) if named else DATA_DIR / "secret_key"
    if path.is_file():
        return path.read_text().strip()
    if PROFILE == "production":
        raise ImproperlyConfigured(f"No secret key at {path}; write 50 random characters there and set RONGTONG_SECRET_KEY_FILE")
    path.parent.mkdir(parents=True, exist_ok=True)
    key = secrets.token_urlsafe(50)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(key)
    return key


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = os.environ.get("RONGTONG_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",")

_PACKAGES = [
    "kernel",
    "audit",
    "ui",
    "accounts",
    "trees",
    "access",
    "files",
    "notifications",
    "jobs",
    "papers",
    "search",
    "exchange",
    "burden",
    "organization",
    "rules",
    "roster",
    "indicators",
    "panel",
    "ledger",
    "duties",
    "plans",
    "meetings",
    "decisions",
    "inspections",
    "people",
    "surveys",
    "schemes",
    "appraisal",
    "reports",
    "cockpit",
    "demo",
    "web",
    "api",
    "cli",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    *[f"rongtong.{name}" for name in _PACKAGES],
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "rongtong.web.middleware.language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "rongtong.web.middleware.first_password",
    "rongtong.web.middleware.fragments",
    "rongtong.web.middleware.refusals",
    "axes.middleware.AxesMiddleware",
]
if USE_TIMING:
    MIDDLEWARE.insert(0, "rongtong.web.middleware.server_timing")
ROOT_URLCONF = "rongtong.config.urls"
WSGI_APPLICATION = "rongtong.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "rongtong.web.shell.context",
            ],
            "builtins": ["rongtong.ui.templatetags.rt"],
        },
    }
]


def _database() -> dict[str, object]:
    url = os.environ.get("DATABASE_URL")
    if url:
        return {**dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True)}
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "rongtong.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                f"PRAGMA journal_mode={sqlite.JOURNAL_MODE};PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
                "PRAGMA temp_store=MEMORY;PRAGMA mmap_size=268435456;PRAGMA cache_size=-32000;"
            ),
        },
    }


DATABASES = {"default": _database()}
if sqlite.NOTICE:
    warnings.warn(sqlite.NOTICE, RuntimeWarning, stacklevel=1)
PAPER_FONTS = os.environ.get("RONGTONG_PAPER_FONTS", "gb2312")
if PAPER_FONTS not in {"gb2312", "gbk"}:
    raise ImproperlyConfigured(f"RONGTONG_PAPER_FONTS is {PAPER_FONTS!r}; set it to gb2312 or gbk")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
_MINIMUM_LENGTH = 12
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": _MINIMUM_LENGTH}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "web:home"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PROFILE == "production"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROFILE == "production" else None
SECURE_HSTS_SECONDS = 31_536_000 if PROFILE == "production" else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PROFILE == "production"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_CALLABLE = "rongtong.accounts.views.locked_out"
SILENCED_SYSTEM_CHECKS: list[str] = []

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600

STATIC_URL = "static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True  # straight from the package, with the .gz beside it that tools/assets.py writes: nothing to collect
MEDIA_ROOT = DATA_DIR / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}


def _mail() -> dict[str, object]:
    """RONGTONG_SMTP_URL: smtp://user:password@host:587?tls=1 (or ?ssl=1); without it no mail is sent."""
    from urllib.parse import parse_qs, unquote, urlsplit

    parts = urlsplit(os.environ.get("RONGTONG_SMTP_URL", ""))
    options = parse_qs(parts.query)
    return {
        "EMAIL_HOST": parts.hostname or "", "EMAIL_PORT": parts.port or 25, "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""), "EMAIL_USE_TLS": options.get("tls") == ["1"],
        "EMAIL_USE_SSL": options.get("ssl") == ["1"],
    }  # fmt: skip


globals().update(_mail())
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = os.environ.get("RONGTONG_MAIL_FROM", "rongtong@localhost")
ROBOT_HOSTS = [host for host in os.environ.get("RONGTONG_ROBOT_HOSTS", "").split(",") if host]  # own relays that speak like WeCom
