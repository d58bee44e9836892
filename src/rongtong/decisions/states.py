"""The life of a decision as data: which act may follow in which state. Only hard rules refuse; a wrong order that happened is recorded and found by DEC-01."""

from rongtong.decisions.models import DecisionState as S

OPEN = (S.PROPOSED, S.STUDIED, S.REVISING, S.STOPPED)
# act -> the states in which it may be recorded
MAY: dict[str, tuple[str, ...]] = {
    "study": (S.PROPOSED, S.REVISING, S.STUDIED, S.STOPPED, S.DECIDED, S.ASSESSED),
    "decide": OPEN,
    "opinion": (*OPEN, S.DECIDED),
    "answer": (*OPEN, S.DECIDED),
    "execute": (S.DECIDED,),
    "assess": (S.DECIDED,),
    "archive": (S.DECIDED, S.ASSESSED),
    "void": OPEN,
}
AFTER_STUDY = {"agree": S.STUDIED, "revise": S.REVISING, "stop": S.STOPPED}
