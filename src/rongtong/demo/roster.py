"""Who belongs where in the sample enterprise, who is left out of "should attend", and what the official member system says. Synthetic."""

from datetime import date, timedelta

from rongtong.demo.people import Cast
from rongtong.demo.story import LAST, OPENED, Story
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM, SystemActor, act, current
from rongtong.kernel.periods import Period, add_months, month_range
from rongtong.kernel.reference import Reference
from rongtong.organization.models import PartyKind, PartyOrganisation, Person
from rongtong.roster import queries as roster
from rongtong.roster.models import Affiliation, DuesMonth, Exclusion, ExclusionReason, MemberFigures, Standing, Suspension
from rongtong.trees.models import Node

MONTHS = 6  # for so many months the official figures are here
_EXCLUDED = (
    ("P-M1-1", ExclusionReason.BEDRIDDEN, date(2025, 3, 12)),
    ("P-R1", ExclusionReason.AWAY, date(2026, 4, 20)),
    ("P-X5", ExclusionReason.ABROAD, date(2026, 2, 9)),
)
_SUSPENDED = "P-M4-3"
_MEMBERS_DIFFER = "P-M2-3"  # the official system counts one more
_DUES_DIFFER = "P-M4-2"  # one did not pay


def roster_of(story: Story, cast: Cast) -> None:
    """Affiliations, exclusions, a suspension, and six months of official figures with two differences."""
    _belong(by=SYSTEM, cast=cast)
    _official(by=SYSTEM)


@act("demo.roster")
def _belong(*, by: SystemActor, cast: Cast) -> None:
    people, parties = dict(Person.objects.values_list("code", "pk")), dict(Node.objects.filter(tree="P").values_list("code", "pk"))
    rows = [
        Affiliation(
            person_id=people[one.person], party_id=parties[one.party], standing=one.standing, starts_on=max(one.starts_on, OPENED),
            source="全国党员管理信息系统（示例导出）",
        )
        for one in cast.belonging
    ]  # fmt: skip
    Affiliation.objects.bulk_create(rows, batch_size=1000)
    for party, reason, assembly_on in _EXCLUDED:
        Exclusion.objects.create(
            person_id=_last_member(parties[party]), party_id=parties[party], reason=reason, consent_document=f"党建〔{assembly_on.year}〕12号",
            assembly_on=assembly_on, starts_on=assembly_on + timedelta(days=1), ends_on=assembly_on + timedelta(days=900), recorded_by=by.uid,
            recorded_label=by.label,
        )  # fmt: skip
    Suspension.objects.create(
        person_id=_last_member(parties[_SUSPENDED]), starts_on=date(2026, 5, 6), holder="集团纪委办公室", paper_file="纪案2026-003",
        recorded_label=by.label,
    )  # fmt: skip
    current().about(Reference("demo", "roster"), affiliations=len(rows))


def _last_member(party: int) -> int:
    """A full member without an office: the one who was entered last."""
    rows = Affiliation.objects.filter(party=party, standing=Standing.FORMAL, person__appointments__post__kind="staff")
    return rows.order_by("-person__code").values_list("person_id", flat=True)[0]


@act("demo.official")
def _official(*, by: SystemActor) -> None:
    """Counts and dues of every branch, general branch and committee; one branch has a member more there, in another one did not pay."""
    nodes = {party.node for party in PartyOrganisation.objects.exclude(kind=PartyKind.GROUP).select_related("node")}
    figures, dues = [], []
    for month in month_range(add_months(LAST, 1 - MONTHS), LAST):
        found = roster.members_of(nodes, min(Period.month(month).ends_on, clock.today()))
        for node in sorted(nodes, key=lambda node: node.path):
            people = found.get(node.pk, [])
            formal, count = sum(one.standing == Standing.FORMAL for one in people), len(people)
            extra, unpaid = int(node.code == _MEMBERS_DIFFER), int(node.code == _DUES_DIFFER and month == LAST)
            figures.append(
                MemberFigures(
                    party=node, month=month, members=count + extra, formal=formal + extra, applicants=count // 9, source="示例导出"
                )
            )
            due = 4200 * count
            dues.append(
                DuesMonth(
                    party=node, month=month, payers=count, paid=count - unpaid, due_fen=due, paid_fen=due - 4200 * unpaid, source="示例导出"
                )
            )
    MemberFigures.objects.bulk_create(figures, batch_size=1000)
    DuesMonth.objects.bulk_create(dues, batch_size=1000)
    current().about(Reference("demo", "official"), figures=len(figures))
