"""The branch whose members are known and that met, as the tests of meetings have it."""

from tests.unit.meetings.conftest import Hall, hall

__all__ = ["Hall", "hall"]
