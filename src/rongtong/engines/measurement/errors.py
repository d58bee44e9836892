"""The ways in which a method says that it cannot answer."""


class MeasurementError(ValueError):
    """Base of the four kinds."""


class InvalidInput(MeasurementError):
    """The input breaks the method's contract: shape, range, unknown option, missing where none may be."""


class Undefined(MeasurementError):
    """The input is well formed, but the method has no value for it (one row, all constant, no random index)."""


class Inconsistent(MeasurementError):
    """Parts of the input contradict each other (a matrix that is not reciprocal)."""


class NotConverged(MeasurementError):
    """An iteration did not reach its tolerance."""
