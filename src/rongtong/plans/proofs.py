"""Plans and carriers that close routine duties by themselves."""

from collections.abc import Iterable, Sequence
from datetime import date

from rongtong.duties.finding import Found, Wanted, register_finder
from rongtong.kernel.clock import BUSINESS_ZONE
from rongtong.kernel.reference import Reference
from rongtong.organization import queries as organization
from rongtong.plans.models import Carrier, CarrierState, IntegrationLink, LinkState, PlanVersion
from rongtong.plans.states import ACTIVE

SECRETARY_PROJECT = "secretary_project"


def joined(wanted: Sequence[Wanted], on: date) -> Iterable[Found]:
    """plan:joined: the plan of the year was adopted and joins both sides by a link that both confirmed."""
    for one in wanted:
        links = IntegrationLink.objects.filter(state=LinkState.CONFIRMED, party_objective__plan__year=one.period.ends_on.year)
        links = links.filter(party_objective__plan__party__in=one.nodes).order_by("pk")
        for link in links.select_related("party_objective__plan")[:1]:
            plan = link.party_objective.plan
            version = PlanVersion.objects.filter(plan=plan).order_by("number").first()
            days = [day for day in (link.party_confirmed_on, link.production_confirmed_on) if day is not None]
            if version is not None and days:
                day = max([*days, version.made_at.astimezone(BUSINESS_ZONE).date()])
                if day <= on:
                    yield Found(one.matter, Reference("plan", str(plan.pk)), day)


def secretary_projects(wanted: Sequence[Wanted], on: date) -> Iterable[Found]:
    """carrier:secretary_project: one that began in the year runs, owned by the post that leads the duty."""
    for one in wanted:
        rows = Carrier.objects.filter(kind__code=SECRETARY_PROJECT, party__in=one.nodes, owner=one.matter.leader_post)
        rows = rows.filter(starts_on__gte=one.period.starts_on, starts_on__lte=min(on, one.period.ends_on))
        rows = rows.filter(state__in=[*ACTIVE, CarrierState.ENDED, CarrierState.ACCEPTED, CarrierState.ARCHIVED])
        carrier = rows.exclude(state=CarrierState.APPROVED).order_by("starts_on", "pk").first()
        if carrier is not None:
            serves = organization.serving([carrier.owner_id], carrier.starts_on).get(carrier.owner_id, [])
            yield Found(one.matter, Reference("carrier", str(carrier.pk)), carrier.starts_on, in_person=bool(serves))


def register() -> None:
    """Called from AppConfig.ready."""
    register_finder("plan:joined", joined)
    register_finder("carrier:secretary_project", secretary_projects)
