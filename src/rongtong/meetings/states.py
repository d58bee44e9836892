"""What may be written about a meeting in which state, and by whom. One table for the act that writes and for the page that offers it."""

from dataclasses import dataclass
from enum import StrEnum

from rongtong.meetings.models import MeetingState as S


class Who(StrEnum):
    """The part somebody has in a meeting."""

    RUNNER = "runner"  # whoever may run meetings of its organisation or unit
    CHAIR = "chair"
    RECORDER = "recorder"


@dataclass(frozen=True, slots=True)
class Write:
    """Something that may be written. `is_wordy`: not for kinds whose words are not held."""

    code: str
    states: tuple[str, ...]
    who: frozenset[Who]
    is_wordy: bool = False


_PLANNED = (S.PREPARED, S.NOTICED)
_RUN, _ALL = frozenset({Who.RUNNER}), frozenset(Who)
WRITES: dict[str, Write] = {
    write.code: write
    for write in (
        Write("change", _PLANNED, _RUN),
        Write("agenda", _PLANNED, _RUN, is_wordy=True),
        Write("add_item", (*_PLANNED, S.HELD), _ALL, is_wordy=True),
        Write("notice", _PLANNED, _RUN),
        Write("cancel", _PLANNED, _RUN),
        Write("hold", _PLANNED, _ALL),
        Write("attendance", (S.NOTICED, S.HELD), _ALL),
        Write("facts", (S.HELD,), _ALL),
        Write("minutes", (S.HELD,), _ALL, is_wordy=True),
        Write("resolve", (S.HELD,), _ALL),
        Write("vote", (S.HELD,), _ALL),
        Write("sign_chair", (S.HELD,), frozenset({Who.CHAIR})),
        Write("sign_recorder", (S.HELD,), frozenset({Who.RECORDER})),
        Write("amend", (S.SIGNED,), _ALL),
        Write("keep", (S.HELD,), _ALL),
    )
}
