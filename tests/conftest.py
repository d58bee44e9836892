"""The stock cast and what every test stands on."""

import os
import tempfile

import rongtong.sqlite  # noqa: F401  (before Django)

os.environ.setdefault("RONGTONG_DATA_DIR", tempfile.mkdtemp(prefix="rongtong-test-"))
