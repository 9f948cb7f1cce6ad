"""Settings of Écluse: one file, every value from the environment, loud when something is missing.

``ECLUSE_ENV`` is ``development`` (default), ``demo`` or ``production``. Outside production the secrets
have fixed values, so that nothing has to be prepared; production refuses them.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import django_stubs_ext
import environ
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import openapi
from config.schedule import SCHEDULE

# Lets `ModelAdmin[User]` and the like be written, as the type checker wants them.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

ENVIRONMENT = env.str("ECLUSE_ENV", default="development")
if ENVIRONMENT not in {"development", "demo", "production"}:
    raise ImproperlyConfigured(f"ECLUSE_ENV is {ENVIRONMENT!r}; use development, demo or production.")
PRODUCTION = ENVIRONMENT == "production"
DEMO = ENVIRONMENT == "demo"
DEBUG = env.bool("DEBUG", default=ENVIRONMENT == "development")
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG must be off in production.")

INSECURE_PREFIX = "insecure-"


def secret(name: str) -> str:
    """The secret ``name`` from the environment; a fixed insecure one outside production.

    Raises ImproperlyConfigured in production when it is absent, short or one of the insecure ones.
    """
    if not PRODUCTION:
        return str(
            env.str(name, default=f"{INSECURE_PREFIX}{name.lower()}-for-development-and-demo-only-000000")
        )
    value = str(env.str(name, default=""))
    if len(value) < 40 or value.startswith(INSECURE_PREFIX) or len(set(value)) < 10:
        raise ImproperlyConfigured(
            f"{name} must be a random string of at least 40 characters in production, for instance from "
            f"`python -c 'import secrets; print(secrets.token_urlsafe(48))'`."
        )
    return value


def required_url(name: str) -> str:
    """The service URL ``name``; without it nothing can run."""
    value = str(env.str(name, default=""))
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. Use `python manage.py …` or a `make` target, which start the embedded "
            f"services, or set {name} to your own server."
        )
    return value


def broker_url(redis_url: str) -> str:
    """The same Redis as Celery spells it: a Unix socket is ``redis+socket://`` there."""
    address = urlsplit(redis_url)
    if address.scheme != "unix":
        return redis_url
    database = parse_qs(address.query).get("db", ["0"])[0]
    return f"redis+socket://{address.path}?virtual_host={database}"


# Secrets ------------------------------------------------------------------------------------------------
SECRET_KEY = secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Separate keys, so that one can be changed without breaking what the others signed.
LINK_SIGNING_KEY = secret("LINK_SIGNING_KEY")
FINGERPRINT_KEY = secret("FINGERPRINT_KEY")

# Where it runs ------------------------------------------------------------------------------------------
SITE_URL = env.str("SITE_URL", default="" if PRODUCTION else "http://127.0.0.1:8000").rstrip("/")
if not SITE_URL:
    raise ImproperlyConfigured("SITE_URL (https://…, the address people type) must be set in production.")
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=[] if PRODUCTION else ["127.0.0.1", "localhost", "[::1]", "testserver"]
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])
# How many proxies stand in front and may be believed about X-Forwarded-For; 0 believes nobody.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
# Networks (CIDR) whose visits are machines': data centres, the gateways that check mails.
DATACENTRE_NETWORKS = env.list("DATACENTRE_NETWORKS", default=[])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.admin",
    "pgtrigger",
    "rules.apps.AutodiscoverRulesConfig",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "corsheaders",
    "rest_framework_api_key",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "django_structlog",
    "accounts",
    "leads",
    "scoring",
    "funnel",
    "nurturing",
    "pipeline",
    "dashboard",
    "capture",
    "demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accounts.middleware.never_cached",
    "leads.api.middleware.ApiMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "demo.context.demo_users",
                "dashboard.navigation.navigation",
            ],
        },
    }
]

# Services -----------------------------------------------------------------------------------------------
DATABASES = {"default": env.db_url_config(required_url("DATABASE_URL"))}
DATABASES["default"] |= {
    "CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", default=300),
    "CONN_HEALTH_CHECKS": True,
    "OPTIONS": {
        **DATABASES["default"].get("OPTIONS", {}),
        "connect_timeout": 3,
        "application_name": "ecluse",
        "options": "-c lock_timeout=10s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s",
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = required_url("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "ecluse",
        "OPTIONS": {"socket_timeout": 0.3, "socket_connect_timeout": 0.3},
    }
}

# smtp://user:password@host:port (STARTTLS with a checked certificate), smtp+ssl://, or smtp+plain:// for a
# sink on the same machine.
EMAIL_URL = env.str("EMAIL_URL", default="" if PRODUCTION else "smtp+plain://127.0.0.1:1025")
if not EMAIL_URL:
    raise ImproperlyConfigured("EMAIL_URL (smtp://user:password@host:587) must be set in production.")
DEFAULT_FROM_EMAIL = env.str(
    "DEFAULT_FROM_EMAIL", default="" if PRODUCTION else "Écluse <bonjour@ecluse.example>"
)
if not DEFAULT_FROM_EMAIL:
    raise ImproperlyConfigured("DEFAULT_FROM_EMAIL (the sender of every message) must be set in production.")
_email = env.email_url_config(EMAIL_URL.replace("smtp+plain://", "smtp://"))
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = _email["EMAIL_HOST"]
EMAIL_PORT = _email["EMAIL_PORT"] or 25
EMAIL_HOST_USER = _email["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_SSL = EMAIL_URL.startswith("smtp+ssl://")
EMAIL_USE_TLS = EMAIL_URL.startswith(("smtp://", "smtp+tls://"))
EMAIL_TIMEOUT = 10

# Celery: measured settings; PostgreSQL holds the work, Redis only rings the bell (docs/architecture.md) ----
# Celery spells a Unix socket otherwise than redis-py does.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 280  # three times this stays below the visibility time-out
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "health_check_interval": 25,
    "global_keyprefix": "ecluse:",
}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "Europe/Paris"
CELERY_TASK_DEFAULT_QUEUE = "pipeline"
# Scoring never waits for mail, nor either of them for files and other people's servers.
CELERY_TASK_ROUTES = {
    "nurturing.tasks.*": {"queue": "mail"},
    "capture.tasks.take_in": {"queue": "pipeline"},
    "capture.tasks.*": {"queue": "jobs"},
    "leads.tasks.*": {"queue": "jobs"},
    "scoring.tasks.work_on_voidings": {"queue": "jobs"},
    "scoring.tasks.send_notifications": {"queue": "mail"},
    "dashboard.tasks.try_rules": {"queue": "jobs"},
    "dashboard.tasks.count_score_health": {"queue": "jobs"},
    "pipeline.tasks.train_likelihood": {"queue": "jobs"},
    "pipeline.tasks.tell_likelihoods": {"queue": "jobs"},
    "pipeline.tasks.tell_touched": {"queue": "jobs"},
    "scoring.tasks.finish_passes": {"queue": "jobs"},
    "funnel.tasks.move_many": {"queue": "jobs"},
    "funnel.tasks.read_mailboxes": {"queue": "jobs"},
}
CELERY_BEAT_SCHEDULE = SCHEDULE
CELERY_BEAT_SCHEDULE_FILENAME = env.str(
    "CELERY_BEAT_SCHEDULE_FILENAME", default=str(BASE_DIR / ".data" / "beat-schedule")
)

# New rules move at most so many leads an hour: into the gates, to sales, into mails. The rest waits its turn,
# the most promising first; whatever a lead does itself is concluded on at once. 0 holds nothing back.
PUBLISHED_LEADS_AN_HOUR = env.int("PUBLISHED_LEADS_AN_HOUR", default=600)

# Webhooks may call public addresses only, and these names on the own network, as host or host:port.
WEBHOOK_PRIVATE_HOSTS = frozenset(env.list("WEBHOOK_PRIVATE_HOSTS", default=[]))

# People and languages -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "accounts.backends.AdministratorBackend",
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
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.adapter.StaffOnlyAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {"login_failed": "5/15m/key,50/h/ip", "login": "60/m/ip"}
ACCOUNT_SESSION_REMEMBER = False
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True
PHONENUMBER_DEFAULT_REGION = "FR"

# Static files -------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / ".data" / "static")))
# Files of gated content: handed out by signed links only, never served from a folder.
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(BASE_DIR / ".data" / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Browser policy: one literal header (docs/architecture.md) -------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: [] for name in ("camera", "geolocation", "microphone", "payment", "usb", "interest-cohort")
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 7 * 24 * 3600
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"

# API ----------------------------------------------------------------------------------------------------
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
# The largest file of leads that may be uploaded; it is streamed to the disk, never held in memory.
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", default=50_000_000)
# Which page may call is each key's own matter: leads/api/cors.py answers the middleware's question.
CORS_ALLOWED_ORIGINS: list[str] = []
CORS_ALLOW_CREDENTIALS = False
CORS_URLS_REGEX = r"^/api/v1/(leads/|events/|tracker/[^/]+/(config)?|forms/[-\w]+/(submissions/)?)$"
CORS_ALLOW_METHODS = ["POST"]
CORS_ALLOW_HEADERS = ["authorization", "content-type", "idempotency-key", "x-ecluse-key"]
CORS_EXPOSE_HEADERS = ["idempotent-replayed", "retry-after", "x-request-id"]
CORS_PREFLIGHT_MAX_AGE = 600
# (requests, seconds); counted in Redis, by each process alone when Redis is away.
API_LIMITS = {
    "secret_key": (env.int("API_LIMIT_SECRET_KEY", default=300_000), 60),
    "publishable_key": (env.int("API_LIMIT_PUBLISHABLE_KEY", default=60_000), 60),
    "publishable_events": (600, 60),  # for one key and address
    "publishable_forms": (30, 60),  # for one key and address
    "form_reads": (300, 60),  # forms seen by one address
    "form_posts": (20, 60),  # forms sent by one address
    "form_total": (env.int("API_LIMIT_FORM", default=60_000), 60),  # one form, whoever sends it
    "form_message": (5, 3600),  # the same words in one form
    "confirmations": (30, 3600),  # mails that ask for a confirmation, set off by one address
    "session": (600, 60),
    "unauthenticated": (60, 60),
    "probes": (600, 60),
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "leads.api.authentication.KeyAuthentication",
        "leads.api.authentication.PeopleAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["leads.api.permissions.MayDo"],
    "DEFAULT_THROTTLE_CLASSES": ["leads.api.throttles.ApiThrottle"],
    "DEFAULT_PARSER_CLASSES": ["leads.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "NUM_PROXIES": TRUSTED_PROXIES,
    "URL_FORMAT_OVERRIDE": None,
}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "leads.api.problem_handler.ProblemHandler",
    "EXCEPTION_FORMATTER_CLASS": "leads.api.problem_handler.ProblemFormatter",
}
SPECTACULAR_SETTINGS = openapi.SETTINGS

# Logs ---------------------------------------------------------------------------------------------------
_shared_processors: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_shared_processors,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer(ensure_ascii=True),
            "foreign_pre_chain": _shared_processors,
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {
        "handlers": ["stderr"],
        "level": env.str("LOG_LEVEL", default="INFO" if PRODUCTION else "WARNING"),
    },
}

if env.str("SENTRY_DSN", default=""):
    import sentry_sdk

    sentry_sdk.init(dsn=env.str("SENTRY_DSN"), send_default_pii=False, environment=ENVIRONMENT)
