"""Tests of the Django application, with Django's client and with a real gunicorn."""
