"""Puts a safe SQLite in place before Django imports one. Every entry point imports this module first.

SQLite before 3.51.3 can corrupt a WAL database when a checkpoint races a writer, so the `pysqlite3` wheel (3.53) is used where present;
the standard library's only from 3.51.3; otherwise the journal falls back to rollback mode, with a notice.
"""

import sqlite3
import sys

WAL_SAFE_FROM = (3, 51, 3)


def _install() -> tuple[int, ...]:
    try:
        import pysqlite3
    except ImportError:
        return sqlite3.sqlite_version_info
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
    version: tuple[int, ...] = pysqlite3.sqlite_version_info
    return version


VERSION = _install()
IS_WAL_SAFE = VERSION >= WAL_SAFE_FROM
JOURNAL_MODE = "WAL" if IS_WAL_SAFE else "DELETE"
NOTICE = (
    ""
    if IS_WAL_SAFE
    else f"SQLite {'.'.join(map(str, VERSION))} is older than 3.51.3: using the rollback journal; install pysqlite3 for WAL"
)
