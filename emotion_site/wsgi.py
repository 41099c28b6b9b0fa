"""The application that a WSGI server calls; importing it starts the engine, which loads its models meanwhile."""

from __future__ import annotations

import os

from django.core.checks.urls import check_url_config
from django.core.wsgi import get_wsgi_application
from django.template.loader import get_template

from classifier import pictures, services

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "emotion_site.settings")
application = get_wsgi_application()
pictures.gallery()
services.start()

# Meanwhile, load what Django would load for the first visitor.
check_url_config(None)
get_template("home.html")
