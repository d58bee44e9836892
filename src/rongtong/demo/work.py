"""The sample enterprise at work: accounts of its leaders, duties with their history, matters, requests. Deterministic; synthetic."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.contrib.auth.hashers import make_password

from rongtong.accounts.models import User
from rongtong.demo.figures import BUSY
from rongtong.demo.story import SEED, Character, Story
from rongtong.duties import actions as duties
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM, SystemActor, act, current
from rongtong.kernel.reference import Reference
from rongtong.ledger import actions as ledger
from rongtong.ledger import generating
from rongtong.ledger.generating import Made, Past
from rongtong.ledger.models import Matter, Origin, Request, Side
from rongtong.ledger.states import State
from rongtong.organization import actions as organization
from rongtong.organization.models import Person, Post, PostKind
from rongtong.plans import actions as plans
from rongtong.rules import workdays
from rongtong.trees.models import Node, TreeLink

TODAY = date(2026, 11, 20)
ISSUED = date(2024, 11, 1)
LEADING = (PostKind.SECRETARY, PostKind.DEPUTY, PostKind.HEAD, PostKind.DEPUTY_HEAD, PostKind.DEPARTMENT_HEAD)
WITHOUT_ACCOUNT = ("M4-3", "X8", "R6")  # whoever leads there was never given one
OUTSIDE = {"M4-1": 0.5}
_ORDINARY = Character(0.66, 0.66)
_TITLES = {
    Origin.RECTIFICATION: ("巡察反馈：党务公开不及时", "审计反馈：物资领用台账不全", "安全检查：防护罩缺失", "内控检查：合同会签滞后", "质量审核：首检记录不全"),
    Origin.INSTRUCTION: ("落实上级关于安全生产的要求", "落实上级关于提质增效的部署", "落实上级关于人才工作的部署"),
    Origin.FREE: ("党员带头攻关返工难题", "班组安全微课进现场", "一线职工诉求月度办理", "设备点检标准化", "青年骨干结对培养", "关键工序参数固化"),
}  # fmt: skip
_REQUESTS = (
    ("支援两名党员技师参与夹具攻关", "M1-1", "M2-1"), ("协调质检提前介入首件检验", "M1-2", "D-ZL"), ("请设备部安排主轴大修窗口", "M1-3", "D-SB"),
    ("请党建部支持党员突击队组队", "M2-2", "P-D1"), ("请人力资源部安排技能培训", "M3-1", "D-RL"), ("请安环部复查通风系统", "M3-3", "D-AH"),
    ("请财务部核实节约金额", "M4-1", "D-CW"), ("请生产部调整班次", "M5-2", "D-SC"), ("请工艺所提供参数优化方案", "M1-4", "R2"),
    ("请党员示范岗协助新员工带教", "M2-3", "P-M2-1"),
)  # fmt: skip


def work(story: Story) -> None:
    """Everything of stage 2 that leaves records in the ledger."""
    workdays.install(by=SYSTEM)
    plans.install(by=SYSTEM)
    _accounts(by=SYSTEM)
    with clock.frozen(datetime.combine(ISSUED, time(9))):
        made = duties.install(by=SYSTEM)
        duties.issue(by=SYSTEM, of=made, root=Node.objects.get(tree="B", code="G0"), on=ISSUED)
    _sign(by=SYSTEM)
    generating.generate(by=SYSTEM, rows=list(_lived(story, duties.upcoming(TODAY))))
    generating.generate(by=SYSTEM, rows=list(_matters(story)))
    _requests(by=SYSTEM)


@act("demo.accounts")
def _accounts(*, by: SystemActor) -> None:
    """Accounts without a password for whoever leads, so that what is assigned reaches somebody."""
    serving = Person.objects.filter(account__isnull=True, appointments__post__kind__in=LEADING, appointments__ends_on=None)
    people = list(serving.exclude(appointments__post__node__code__in=WITHOUT_ACCOUNT).distinct().order_by("code"))
    users = [User(username=f"demo-{p.code.lower()}", display_name=p.name, password=make_password(None)) for p in people]
    User.objects.bulk_create(users)
    for person, user in zip(people, users, strict=True):
        person.account = user
    Person.objects.bulk_update(people, ["account"])
    organization.refresh_rights(by, people)
    current().about(Reference("demo", "accounts"), people=len(people))


@act("demo.sign")
def _sign(*, by: SystemActor) -> None:
    """Most leaders signed for their duties; those who delegate did not."""
    from rongtong.duties.models import Issue

    holes = Issue.objects.filter(node__code="P-M1-1", duty_code="D-13")  # a hole that the branch secretary can mend
    holes.update(handler_post=None, named_on=None)
    rows = list(Issue.objects.filter(leader_post__isnull=False).select_related("leader_post").order_by("pk"))
    for row in rows:
        if row.node_id % 7:
            row.signed_on, row.signed_by, row.signed_label = ISSUED + timedelta(days=3), "demo", "演示"
    Issue.objects.bulk_update(rows, ["signed_on", "signed_by", "signed_label"], batch_size=500)
    current().about(Reference("demo", "signed"), rows=len(rows))


class Actors:
    """Who acts in a post, as an account that the history names."""

    def __init__(self) -> None:
        self.by_post: dict[int, list[tuple[date, date | None, str, str]]] = {}
        rows = Person.objects.filter(appointments__post__kind__in=LEADING).values_list(
            "appointments__post_id", "appointments__starts_on", "appointments__ends_on", "account__uid", "name"
        )
        for post, starts_on, ends_on, uid, name in rows.order_by("appointments__pk"):
            self.by_post.setdefault(post, []).append((starts_on, ends_on, str(uid) if uid else "", name))

    def at(self, post: Post | None, on: date) -> tuple[str, str] | None:
        spans = self.by_post.get(post.pk, []) if post else []
        return next(((uid, name) for starts, ends, uid, name in spans if starts <= on and (ends is None or on < ends)), None)


def characters_of(story: Story) -> dict[int, Character]:
    """Node to the character of its unit; an organisation has that of the first unit linked to it."""
    by_code = dict(Node.objects.filter(tree="B").values_list("code", "pk"))
    found = {by_code[code]: character for code, character in story.characters.items()}
    for party, unit in TreeLink.objects.order_by("pk").values_list("party_id", "unit_id"):
        if unit in found:
            found.setdefault(party, found[unit])
    return found


def _lived(story: Story, rows: Sequence[Made]) -> Iterable[Made]:
    """What became of every occurrence that is due by now: on time, late, or never, by the character of the place and the month."""
    rng = np.random.default_rng(SEED + 11)
    characters, actors = characters_of(story), Actors()
    for row in rows:
        luck, lag, touch = rng.random(), int(rng.integers(1, 16)), rng.random()
        if row.new.due_on > TODAY + timedelta(days=4):
            yield _begun(row, actors, luck, lag)
            continue
        character = characters.get(row.new.lead.pk, _ORDINARY)
        chance = 0.50 + 0.48 * character.party - (0.30 if row.new.due_on.month in BUSY else 0.0)
        if character.no_meetings and row.new.side == Side.PARTY:
            chance = 0.05
        if luck < chance:
            yield closed(row, actors, row.new.due_on - timedelta(days=min(lag, 9)), not character.delegates and touch < 0.7)
        elif luck < chance + 0.22 * (1 - chance) + 0.1 and row.new.due_on + timedelta(days=lag) <= TODAY:
            yield closed(row, actors, row.new.due_on + timedelta(days=lag), not character.delegates and touch < 0.4)
        else:
            yield row


def _begun(row: Made, actors: Actors, luck: float, lag: int) -> Made:
    """Work in hand: acknowledged, in progress, or with the reviewer; half of it is not begun."""
    handler = actors.at(row.new.parts.handler, TODAY)
    if handler is None or luck > 0.5:
        return row
    start = max(row.new.starts_on or TODAY, ISSUED)
    past = [
        Past("assign", State.ASSIGNED, _at(start), "system", "系统", "supervisor"),
        Past("acknowledge", State.ACKNOWLEDGED, _at(start, 15), *handler, "handler"),
    ]
    if luck > 0.3:
        return replace(row, fields={"state": State.ACKNOWLEDGED, "state_at": _at(start, 15)}, past=tuple(past))
    day = min(TODAY, start + timedelta(days=lag))
    past.append(Past("report", State.IN_PROGRESS, _at(day), *handler, "handler", "按计划推进"))
    fields: dict[str, Any] = {"state": State.IN_PROGRESS, "state_at": _at(day), "progress": 20 + 5 * (lag % 13)}
    if luck < 0.1 and row.new.parts.judge is not None:
        past.append(Past("submit", State.SUBMITTED, _at(TODAY, 8), *handler, "handler", "已完成，请审核"))
        fields = {"state": State.SUBMITTED, "state_at": _at(TODAY, 8), "progress": 100}
    return replace(row, fields=fields, past=tuple(past))


def closed(row: Made, actors: Actors, on: date, in_person: bool) -> Made:
    """An occurrence with its history; led in person, the leader's own steps stand in it."""
    new = row.new
    start = new.starts_on or on
    on = max(on, start)
    handler, leader = actors.at(new.parts.handler, on), actors.at(new.parts.leader, on)
    if handler is None:  # nobody served: it stays open and overdue
        return row
    past = [Past("assign", State.ASSIGNED, _at(start), "system", "系统", "supervisor")]
    if in_person and leader is not None:
        past.append(Past("remark", State.ASSIGNED, _at(start + (on - start) // 3), *leader, "leader", "现场过问进展"))
        past.append(Past("urge", State.ASSIGNED, _at(start + (on - start) // 2), *leader, "leader", ""))
    past.append(Past("acknowledge", State.ACKNOWLEDGED, _at(start + (on - start) // 2), *handler, "handler"))
    past.append(Past("submit", State.SUBMITTED, _at(on, 16), *handler, "handler", "已完成并附记录"))
    reviewer = actors.at(new.parts.judge, on) or ("system", "系统")
    past.append(Past("close", State.CLOSED, _at(on, 17), *reviewer, "reviewer" if new.parts.judge else "supervisor"))
    fields: dict[str, Any] = {"state": State.CLOSED, "state_at": _at(on, 17), "closed_on": on, "progress": 100}
    return replace(row, fields=fields, past=tuple(past))


def _at(day: date, hour: int = 10) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=clock.BUSINESS_ZONE)


def _matters(story: Story) -> Iterable[Made]:
    """Rectification, instructions and own matters over the two years; the last ones in every state."""
    rng = np.random.default_rng(SEED + 12)
    characters, actors = characters_of(story), Actors()
    nodes = {node.pk: node for node in Node.objects.filter(tree="B", unit__kind__in=["workshop", "project", "plant"]).order_by("path")}
    posts = {(post.node_id, post.kind): post for post in Post.objects.filter(closed_on=None).exclude(kind=PostKind.STAFF).order_by("-pk")}
    links = dict(TreeLink.objects.filter(unit__in=nodes).order_by("pk").values_list("unit_id", "party_id"))
    parties = Node.objects.in_bulk(list(links.values()))
    for pk, unit in nodes.items():
        party = parties.get(links.get(pk, 0))
        secretary = posts.get((party.pk, PostKind.SECRETARY)) if party else None
        for origin, titles in _TITLES.items():
            for _number in range(int(rng.integers(2, 5))):
                title, start = titles[int(rng.integers(len(titles)))], ISSUED + timedelta(days=int(rng.integers(0, 740)))
                parts = ledger.Parts(secretary or posts.get((pk, PostKind.HEAD)), posts.get((pk, PostKind.DEPUTY_HEAD)))
                if parts.leader is None or parts.handler is None:
                    continue
                side = Side.PARTY if origin == Origin.RECTIFICATION and rng.random() < 0.4 else Side.BOTH
                new = ledger.NewMatter(
                    title, side, unit, start + timedelta(days=int(rng.integers(20, 70))), parts, party, start, origin=origin
                )
                yield fate(Made(new), characters.get(pk, _ORDINARY), actors, rng)


def fate(row: Made, character: Character, actors: Actors, rng: np.random.Generator) -> Made:
    due, luck, lag = row.new.due_on, rng.random(), int(rng.integers(1, 25))
    with_result = rng.random() < 0.25 + 0.5 * character.production
    if luck < 0.35 + 0.45 * character.party and due - timedelta(days=3) <= TODAY:
        done = closed(row, actors, due - timedelta(days=min(lag, 12)), not character.delegates and luck < 0.3)
    elif luck < 0.92 and due + timedelta(days=lag) <= TODAY:
        done = closed(row, actors, due + timedelta(days=lag), False)
    else:
        return _begun(row, actors, rng.random(), lag)
    outcome = {"outcome": "现场问题已解决，指标回到受控区间"} if with_result and row.new.origin != Origin.RECTIFICATION else {}
    loop = {
        "urged": int(rng.integers(1, 4)) if rng.random() < 0.3 else 0,
        "returned": int(rng.random() < 0.12),
        "reopened": int(rng.random() < 0.04),
    }
    return replace(done, fields=done.fields | outcome | loop) if done.past else done


@act("demo.requests")
def _requests(*, by: SystemActor) -> None:
    """Requests between departments: most answered, some slowly, two silent."""
    rng = np.random.default_rng(SEED + 13)
    nodes = {node.code: node for node in Node.objects.order_by("-tree")}  # a unit before an organisation of the same code
    for at in range(30):
        title, asker, asked = _REQUESTS[at % len(_REQUESTS)]
        day = TODAY - timedelta(days=int(rng.integers(2, 20)) + 22 * (at // 2))
        with clock.frozen(_at(day)):
            new = ledger.Ask(title, nodes[asker], nodes[asked], day + timedelta(days=30))
            matter = ledger.ask(by=by, new=new)
        answered = day + timedelta(days=int(rng.integers(1, 9)))
        if at in {0, 3} or answered > TODAY:
            continue
        with clock.frozen(_at(answered)):
            ledger.answer(by=by, matter=matter, choice="declined" if at % 9 == 4 else "agreed", note="本周安排")
        if at % 9 != 4 and answered + timedelta(days=14) <= TODAY and rng.random() < 0.8:
            _finish(by, matter, answered + timedelta(days=14))


def _finish(by: SystemActor, matter: Matter, on: date) -> None:
    """Close an answered request as its posts would have."""
    values = {"state": State.CLOSED, "state_at": _at(on), "closed_on": on, "progress": 100, "outcome": "已按要求支援到位"}
    Matter.objects.filter(pk=matter.pk).update(**values)
    Request.objects.filter(matter=matter).update(silence_told_at=None)
