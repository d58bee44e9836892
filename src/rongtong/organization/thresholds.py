"""Numbers of regulations that the organisation asks for. They stand in rule rows, one layer above; rules installs the reader at start."""

from collections.abc import Callable, Iterable
from datetime import date

from rongtong.trees.models import Node

Reader = Callable[[str, str, Iterable[Node], date], dict[int, float]]
_reader: Reader | None = None


def install_reader(reader: Reader | None) -> None:
    global _reader  # noqa: PLW0603  (installed once, at start)
    _reader = reader


def numbers(code: str, key: str, nodes: Iterable[Node], day: date) -> dict[int, float]:
    """Node to the number of a rule there; nodes for which no row holds it are absent."""
    return _reader(code, key, nodes, day) if _reader is not None else {}


def number(code: str, key: str, node: Node, day: date) -> float | None:
    return numbers(code, key, [node], day).get(node.pk)
