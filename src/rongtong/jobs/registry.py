"""Which function does which kind of job."""

from collections.abc import Callable
from typing import Any

JobFunction = Callable[..., dict[str, Any]]
_functions: dict[str, JobFunction] = {}


def register_job(kind: str, function: JobFunction) -> None:
    """Called from AppConfig.ready: `function(ctx, **params)` returns a JSON-able result; it must be safe to run again."""
    _functions[kind] = function


def function_of(kind: str) -> JobFunction | None:
    return _functions.get(kind)
