"""Configuration of the site: settings, URLs and the WSGI application."""
