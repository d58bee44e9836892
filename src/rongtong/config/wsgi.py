"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

import rongtong.sqlite  # noqa: F401  (before Django)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rongtong.config.settings")
application = get_wsgi_application()
