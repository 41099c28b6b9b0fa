"""The Django application: pages and API around the recogniser."""
