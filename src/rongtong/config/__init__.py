"""Composition only: settings, root urls, wsgi."""

import rongtong.sqlite  # noqa: F401  (first of all: replaces the sqlite3 module)
