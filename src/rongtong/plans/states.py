"""The common life of a carrier as data: declared -> approved -> running -> checked -> ended -> accepted -> archived; or stopped."""

from rongtong.plans.models import CarrierState as S

NEXT: dict[str, tuple[str, ...]] = {
    S.DECLARED: (S.APPROVED, S.STOPPED),
    S.APPROVED: (S.RUNNING, S.STOPPED),
    S.RUNNING: (S.CHECKED, S.ENDED, S.STOPPED),
    S.CHECKED: (S.ENDED, S.STOPPED),
    S.ENDED: (S.STOPPED,),  # acceptance is an act of its own, by the business side
    S.ACCEPTED: (S.ARCHIVED,),
    S.ARCHIVED: (),
    S.STOPPED: (),
}
ACTIVE = (S.APPROVED, S.RUNNING, S.CHECKED)
FINISHED = (S.ACCEPTED, S.ARCHIVED)
PROCESSES = ("safety", "quality", "cost", "delivery", "innovation", "people")
