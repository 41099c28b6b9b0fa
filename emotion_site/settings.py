"""Everything that a deployment can set comes from the environment; each name below is one of its variables."""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONCE, NONE, SELF

from emotion_site import env, logs
from ml import machine

BASE_DIR = Path(__file__).resolve().parent.parent
MEGABYTE = 1024 * 1024

# Who may ask, and how.
SECRET_KEY = env.required("SECRET_KEY", "hold a long random text that nobody else knows (`openssl rand -base64 48`)")
DEBUG = env.flag("DEBUG")
INSECURE_HTTP = env.flag("INSECURE_HTTP")  # plain HTTP on one's own machine: the only difference from production
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS")
FRAME_ANCESTORS = env.names("FRAME_ANCESTORS")  # sites that may show this one in a frame
TRUSTED_PROXIES = env.whole_or_off("TRUSTED_PROXIES")  # how many stand in front, each adding to X-Forwarded-For
PORT = env.whole("PORT", 8000)
THREADS = env.whole("THREADS", 128, least=8)

# The recogniser.
MODEL_DIR = env.folder("MODEL_DIR", BASE_DIR / "ml" / "models")
SHIPPED_MODEL_DIR = BASE_DIR / "ml" / "models"
EMOTION_MODEL = env.text("EMOTION_MODEL", "expressive" if (SHIPPED_MODEL_DIR / "expressive").is_dir() else "classic")
MODEL_SHA256 = env.text("MODEL_SHA256")
WORKERS = env.whole("WORKERS", machine.cores())
QUEUE_SIZE = env.whole("QUEUE_SIZE", 4 * WORKERS, least=0)
CLIP_TIMEOUT_S = env.whole("CLIP_TIMEOUT_S", 30)
TIMELINE_TIMEOUT_S = env.whole("TIMELINE_TIMEOUT_S", 120)
MEMORY_BUDGET_MB = env.whole("MEMORY_BUDGET_MB", 256, least=64)
MAX_SECONDS = env.whole("MAX_SECONDS", 600)

# Uploads: in memory only, never on disk.
MAX_UPLOAD_MB = env.whole("MAX_UPLOAD_MB", 25)
UPLOAD_BUDGET_MB = env.whole("UPLOAD_BUDGET_MB", 100)
STALLED_AFTER_S = 10
FORM_OVERHEAD = MEGABYTE  # what a form may weigh beside the recordings in it: the timeline of a long one, say
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = MAX_UPLOAD_MB * MEGABYTE + FORM_OVERHEAD
DATA_UPLOAD_MAX_MEMORY_SIZE = FORM_OVERHEAD
DATA_UPLOAD_MAX_NUMBER_FILES = 5
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20

# What people see.
SAMPLES_DIR = env.folder("SAMPLES_DIR", BASE_DIR / "samples")
PICTURES_DIR = env.folder("PICTURES_DIR", BASE_DIR / "pictures")
STATIC_URL = "/static/"
STATIC_ROOT = env.folder("STATIC_ROOT", BASE_DIR / "staticfiles")
WAVESURFER = BASE_DIR / "node_modules" / "wavesurfer.js" / "dist"
STATICFILES_DIRS = [BASE_DIR / "static", *([("wavesurfer", WAVESURFER)] if WAVESURFER.is_dir() else [])]
STORAGES = {"staticfiles": {"BACKEND": "classifier.storage.StaticStorage"}}
WHITENOISE_ALLOW_ALL_ORIGINS = False

# Limits per client, and what operators watch.
RATE_LIMIT = env.rate_per_minute("RATE_LIMIT", "120/min")
CACHES = {"default": env.cache("CACHE_URL")}
METRICS_TOKEN = env.text("METRICS_TOKEN")
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", among=("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = logs.configuration(LOG_LEVEL)

# Django itself. There is no database: the site keeps nothing.
ROOT_URLCONF = "emotion_site.urls"
WSGI_APPLICATION = "emotion_site.wsgi.application"
INSTALLED_APPS = ["classifier.apps.StaticFiles", "csp", "ninja", "classifier.apps.ClassifierConfig"]
MIDDLEWARE = [
    "classifier.request_log.middleware",
    "classifier.outright.remember_refusals",
    "classifier.middleware.security_headers",
    "csp.middleware.CSPMiddleware",
    "classifier.probes.middleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "classifier.middleware.compression",
    "django.middleware.common.CommonMiddleware",
    *([] if FRAME_ANCESTORS else ["django.middleware.clickjacking.XFrameOptionsMiddleware"]),  # it knows no list
    "classifier.middleware.contract_errors",
    "classifier.rate_limit.middleware",
    "classifier.arrival.middleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.request", "csp.context_processors.nonce"]
        },
    }
]
DATABASES: dict[str, dict[str, str]] = {}
USE_TZ = True
LANGUAGE_CODE = "en"
USE_I18N = False

# Security (https://docs.djangoproject.com/en/5.2/topics/security/).
SECURE_SSL_REDIRECT = not INSECURE_HTTP
SECURE_HSTS_SECONDS = 0 if INSECURE_HTTP else 365 * 24 * 3600
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"  # `no-referrer` would send forms with `Origin: null`, which CSRF refuses
X_FRAME_OPTIONS = "DENY"
CSRF_COOKIE_NAME = "csrftoken" if INSECURE_HTTP else "__Host-csrftoken"
CSRF_COOKIE_SECURE = not INSECURE_HTTP
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "classifier.answers.csrf_failure"
SILENCED_SYSTEM_CHECKS = [
    *(["security.W002"] if FRAME_ANCESTORS else []),  # the content security policy names who may frame
    # Whether a domain's other hosts speak HTTPS, and whether browsers should be told for good, only its owner knows.
    "security.W005",
    "security.W021",
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": FRAME_ANCESTORS or [NONE],
        "object-src": [NONE],
    }
}
