"""The town's group as a legal person with a Party committee: an approved list, committee and board meetings, and who may record decisions."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest
from tests.town import OPENED, Town, account, fresh, node, post

from rongtong.accounts.models import User
from rongtong.decisions import actions, list_actions
from rongtong.decisions.actions import NewDecision
from rongtong.decisions.models import Decision, ListItem, MatterList
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM, SystemActor
from rongtong.meetings import actions as meetings
from rongtong.meetings.models import Meeting, MeetingKind, MeetingState
from rongtong.organization.models import BusinessUnit, PartyOrganisation, Post
from rongtong.trees.models import Node, TreeLink

OTHER = SystemActor("other", "另一人")
YUAN = 100
MILLION = 1_000_000 * YUAN


@dataclass(frozen=True)
class Court:
    """The committee of the group, its list and who records."""

    town: Town
    committee: Node
    secretary: Post
    head: Post
    guo: User
    reader: User
    list: MatterList

    def item(self, text: str) -> ListItem:
        return ListItem.objects.select_related("list").get(list=self.list, title__contains=text)

    def meeting(self, day: date, kind: str = "party_committee", hour: int = 9, **more: Any) -> Meeting:
        at = datetime(day.year, day.month, day.day, hour, tzinfo=clock.BUSINESS_ZONE)
        number = Meeting.objects.count() + 1
        here = self.town.group if kind in {"board", "managers_meeting"} else self.committee
        given: dict[str, Any] = {
            "code": f"T{number}", "kind": MeetingKind.objects.get(code=kind), "node": here, "year": day.year, "number": number,
            "title": f"{kind} {day}", "state": MeetingState.HELD, "starts_at": at, "ends_at": at.replace(hour=hour + 1), "held_on": day,
            "should": 9, "present": 8, "is_valid": True, "created_by": "t", "created_label": "t",
        }  # fmt: skip
        return Meeting.objects.create(**(given | more))

    def matter(self, item: str = "单项投资", *, proposed_on: date = date(2026, 3, 1), **more: Any) -> Decision:
        found = self.item(item)
        given: dict[str, Any] = {"item": found, "title": "新建涂装线", "unit": self.town.group, "amount_fen": 62 * MILLION} | more
        return actions.register(by=fresh(self.guo), new=NewDecision(self.committee, found.category, proposed_on, **given))

    def decided(self, on: date, *, studied: date | None = None, by_board: bool = True, **more: Any) -> Decision:
        made = self.matter()
        if studied is not None:
            actions.record_study(by=fresh(self.guo), decision=made, meeting=self.meeting(studied), result="agree")
        board = self.meeting(on, "board", 14) if by_board else None
        return actions.decide(by=fresh(self.guo), decision=made, made=actions.Made("adopted", on, meeting=board, **more))


@pytest.fixture
def court(town: Town) -> Court:
    meetings.install_kinds(by=SYSTEM)
    committee = node("P", "00009", "P0", "集团党委")
    PartyOrganisation.objects.create(node=committee, kind="committee", members=300, formal_members=290)
    BusinessUnit.objects.create(node=town.group, kind="group", headcount=900, is_legal_person=True)
    TreeLink.objects.create(unit=town.group, party=committee, kind="own", share=1.0, starts_on=OPENED)
    secretary, head = post("S0", "集团党委书记", committee, "secretary"), post("H0", "总经理", town.group, "head")
    guo = account("guo", secretary, roles=(("secretary", committee), ("secretary", town.group)))
    account("he", head, roles=(("manager", town.group),))
    reader = account("reader", roles=(("leader", town.group),))  # sees decisions of the unit, not of the committee
    with clock.frozen(datetime(2026, 1, 5, 9, 0)):
        made = list_actions.draft_list(by=SYSTEM, node=committee, title="集团党委重大事项清单", starts_on=date(2026, 1, 1))
        list_actions.change_list(by=SYSTEM, found=made, title=made.title, starts_on=made.starts_on, net_assets_fen=2000 * MILLION)
        list_actions.approve_list(by=SYSTEM, found=made)
        list_actions.approve_list(by=OTHER, found=made)
    return Court(town, committee, secretary, head, guo, reader, MatterList.objects.get(pk=made.pk))
