import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def _english() -> object:
    """Refusals are matched by their English sentences, whether or not the catalogue was compiled."""
    with translation.override("en"):
        yield
