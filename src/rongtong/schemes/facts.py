"""Facts of a version's criteria at units, read from the records below with few statements."""

from collections.abc import Collection

from rongtong.schemes.data import Fact
from rongtong.schemes.models import SchemeVersion


def gather(version: SchemeVersion, nodes: Collection[int], first: int, last: int) -> dict[int, dict[str, Fact]]:
    """Unit to criterion to fact over the months first..last (yyyymm). Manual and event facts stay missing until a reviewer enters them.

    Every criterion of the version has a Fact at every node, with a reason where it has no value.
    """
    raise NotImplementedError
