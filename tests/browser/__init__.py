"""The pages as people use them: a real Chromium against a real gunicorn with real models."""
