"""Acts on duties: install the template, revise a list, issue it across a subtree, sign for it, name posts, and make what is due."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.models import Grant
from rongtong.access.roles import Permission, roles_with
from rongtong.accounts.models import User
from rongtong.duties import gate, queries
from rongtong.duties.assigning import PLACES, open_posts_of, posts_for
from rongtong.duties.models import Duty, DutyList, Issue, Subject
from rongtong.duties.recurring import horizon, occurrences
from rongtong.indicators.models import Indicator
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM, Actor, Message, SystemActor, act, current
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.kernel.periods import Period, PeriodKind
from rongtong.kernel.reference import Reference
from rongtong.ledger import actions as ledger
from rongtong.ledger import generating
from rongtong.ledger import policies as ledger_policies
from rongtong.ledger.generating import Made
from rongtong.ledger.models import Matter, Origin, Side
from rongtong.ledger.numbers import Reader
from rongtong.ledger.states import OPEN
from rongtong.organization import queries as organization
from rongtong.organization.models import Post, PostKind
from rongtong.rules.workdays import Workdays
from rongtong.trees.models import LinkKind, Node, TreeLink

MOST_MINUTES = 24 * 60
NEEDED = ("code", "subject", "title", "per", "evidence", "side")


@act("duties.install")
def install(*, by: Actor) -> DutyList:
    """Add the shipped list as its first version, if it is not there."""
    access.require_everywhere(by, Permission.DUTY_ISSUE)
    data = tomllib.loads(files("rongtong.duties").joinpath("data/template.toml").read_text(encoding="utf-8"))
    found = DutyList.objects.filter(code=data["code"]).order_by("-version").first()
    if found is not None:
        current().about(Reference("duty_list", str(found.pk)))
        return found
    made = DutyList.objects.create(code=data["code"], version=1, name=data["name"], name_en=data["name_en"], made_label=by.label)
    Duty.objects.bulk_create([_duty(made, row) for row in data["duty"]])
    current().about(Reference("duty_list", str(made.pk)), duties=len(data["duty"]))
    return made


def _duty(of: DutyList, row: Mapping[str, Any]) -> Duty:
    indicator = Indicator.objects.filter(code=row["indicator"]).first() if row.get("indicator") else None
    return Duty(
        duty_list=of, indicator=indicator, is_personal=row.get("is_personal", False), minutes=row.get("minutes", 0), fields=row.get("fields", []),
        title_en=row.get("title_en", ""), standard=row.get("standard", ""), standard_en=row.get("standard_en", ""), basis=row.get("basis", ""),
        proved_by=row.get("proved_by", []),
        **{name: row[name] for name in NEEDED},
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class DutyChange:
    """What the next version says differently about one duty; None leaves it."""

    standard: str | None = None
    per: str | None = None
    is_dropped: bool = False
    title: str | None = None
    minutes: int | None = None
    is_personal: bool | None = None

    @property
    def is_empty(self) -> bool:
        return self == DutyChange()


@dataclass(frozen=True, slots=True)
class NewDuty:
    """A duty that the next version adds."""

    code: str
    subject: str
    title: str
    per: str
    side: str
    standard: str = ""
    basis: str = ""
    minutes: int = 0
    is_personal: bool = False
    indicator: Indicator | None = None


@act("duties.revise")
def revise(*, by: Actor, of: DutyList, changes: Mapping[str, DutyChange], reason: str, added: Sequence[NewDuty] = ()) -> DutyList:
    """Make the next version of a list; the earlier one stays readable. Issues change when the new version is issued."""
    access.require_everywhere(by, Permission.DUTY_ISSUE)
    if not reason.strip():
        raise Refused(_("There is no reason"), field="reason", remedy=_("say in a sentence why"), code="reason")
    latest = DutyList.objects.filter(code=of.code).order_by("-version").first()
    if latest is None or latest.pk != of.pk:
        raise Conflict(_("There is a newer version of this list"), remedy=_("change that one"), code="version")
    unknown = set(changes) - set(of.duties.values_list("code", flat=True))
    if unknown:
        raise Refused(
            _("The list has no duty %(codes)s") % {"codes": ", ".join(sorted(unknown))}, field="code", remedy=_("correct the code")
        )
    if not added and all(change.is_empty for change in changes.values()):
        raise Refused(_("Nothing is different"), field="code", remedy=_("change a duty, drop one, or add one"), code="same")
    made = DutyList.objects.create(
        code=of.code, version=of.version + 1, name=of.name, name_en=of.name_en, reason=reason.strip()[:300], made_label=by.label
    )
    kept = [_changed(made, duty, changes.get(duty.code)) for duty in of.duties.all() if not _dropped(changes, duty)]
    Duty.objects.bulk_create([*kept, *(_added(made, new, {duty.code for duty in kept}) for new in added)])
    current().about(
        Reference("duty_list", str(made.pk)), version=made.version, changed=sorted(changes), added=[new.code for new in added]
    )  # fmt: skip
    return made


def _added(of: DutyList, new: NewDuty, codes: set[str]) -> Duty:
    """A new row; its code is one that the list does not have."""
    code, title = new.code.strip(), new.title.strip()
    if not code or len(code) > 20 or code in codes:
        raise Refused(_("The code is empty, too long or in use"), field="new_code", remedy=_("write another one, like D-15"), code="code")
    if not title or len(title) > 160:
        raise Refused(_("The duty is empty or longer than 160 characters"), field="new_title", remedy=_("say in a sentence what is owed"))
    if new.subject not in Subject.values:
        raise Refused(
            _("“%(subject)s” is not a subject class") % {"subject": new.subject}, field="new_subject", remedy=_("choose one of the list")
        )
    if new.side not in Side.values:
        raise Refused(_("“%(side)s” is not a side") % {"side": new.side}, field="new_side", remedy=", ".join(Side.values))
    return Duty(
        duty_list=of, code=code, subject=new.subject, title=title, per=_period(new.per), side=new.side, standard=new.standard[:200],
        basis=new.basis[:200], minutes=_minutes(new.minutes), is_personal=new.is_personal, indicator=new.indicator, evidence="record",
    )  # fmt: skip


def _period(per: str) -> str:
    if per not in set(PeriodKind):
        raise Refused(_("“%(per)s” is not a period") % {"per": per}, field="per", remedy=_("use month, quarter, half or year"))
    return per


def _minutes(minutes: int) -> int:
    if not 0 <= minutes <= MOST_MINUTES:
        raise Refused(_("%(minutes)s is not a number of minutes") % {"minutes": minutes}, field="minutes", remedy=_("write 0 to 1440"))
    return minutes


def _dropped(changes: Mapping[str, DutyChange], duty: Duty) -> bool:
    return duty.code in changes and changes[duty.code].is_dropped


def _changed(of: DutyList, duty: Duty, change: DutyChange | None) -> Duty:
    duty.pk, duty.duty_list = None, of
    if change is not None and change.standard is not None:
        duty.standard, duty.standard_en = change.standard[:200], ""
    if change is not None and change.title is not None:
        duty.title, duty.title_en = change.title[:160], ""
    if change is not None:
        duty.per = _period(change.per) if change.per is not None else duty.per
        duty.minutes = _minutes(change.minutes) if change.minutes is not None else duty.minutes
        duty.is_personal = change.is_personal if change.is_personal is not None else duty.is_personal
    return duty


@act("duties.issue")
def issue(*, by: Actor, of: DutyList, root: Node, on: date, seen: str = "", reason: str = "") -> int:
    """Issue a list to every open unit and organisation of a subtree, and of what is linked to it, in one act; returns the issues made.

    `seen` is the digest of the cost that the issuer was shown (填报准入); only the program issues without having looked.
    """
    access.require(by, Permission.DUTY_ISSUE, root)
    if not isinstance(by, SystemActor):
        _require_gate(of, root, on, seen, reason)
    nodes = queries.nodes_under(root, on)
    standing = {
        (row.duty_code, row.node_id): row for row in Issue.objects.filter(ends_on__isnull=True, node__in=list(nodes)).select_related("duty")
    }
    posts = open_posts_of(nodes.values(), on)
    kinds = queries.kinds_of(list(nodes))
    made, ended = [], []
    for duty in of.duties.all():
        place = PLACES[duty.subject]
        for node in nodes.values():
            if node.tree != place.tree or kinds.get(node.pk) not in place.kinds:
                continue
            before = standing.get((duty.code, node.pk))
            if before is not None and before.duty_id == duty.pk:
                continue
            if before is not None:
                ended.append(before.pk)
            made.append(_issue(by, duty, node, before, posts.get(node.pk, []), on))
    Issue.objects.filter(pk__in=ended).update(ends_on=on)
    Issue.objects.bulk_create(made, batch_size=1000)
    _tell_issued(of, made, on)
    current().about(Reference("duty_list", str(of.pk)), root=root.code, issued=len(made), replaced=len(ended), reason=reason.strip()[:300])
    return len(made)


def _require_gate(of: DutyList, root: Node, on: date, seen: str, reason: str) -> None:
    cost = gate.cost_of(of, root, on)
    if seen != cost.digest:
        raise Conflict(_("What the list costs has changed"), remedy=_("look at it again, then issue it"), code="unseen_cost")
    if cost.needs_reason and not reason.strip():
        raise Refused(
            _("The list asks for what stands in the system or is asked elsewhere"), field="reason",
            remedy=_("make a version without it, or say why it is needed"), code="asked_twice",
        )  # fmt: skip


def _issue(by: Actor, duty: Duty, node: Node, before: Issue | None, posts: Sequence[Post], on: date) -> Issue:
    leader, handler = posts_for(duty, posts)
    if before is not None:  # what people chose stays
        leader, handler = before.leader_post or leader, before.handler_post or handler
    named_on = (before.named_on if before is not None else None) or (on if leader is not None and handler is not None else None)
    return Issue(
        duty=duty, duty_code=duty.code, node=node, leader_post=leader, handler_post=handler, starts_on=on, named_on=named_on, issued_label=by.label
    )  # fmt: skip


def _tell_issued(of: DutyList, made: Sequence[Issue], on: date) -> None:
    """One note a leader, whatever the number of duties."""
    counts: dict[int, int] = {}
    for row in made:
        if row.leader_post_id:
            counts[row.leader_post_id] = counts.get(row.leader_post_id, 0) + 1
    for post, rows in organization.serving(counts, on).items():
        for account in {row.person.account for row in rows if row.person.account is not None}:
            text = _("%(list)s was issued to you: %(count)s duties to sign for") % {"list": str(of), "count": counts[post]}
            about = Reference("duty_list", str(of.pk))
            current().tell(Message(str(account.uid), "duty", text, about, {"url": reverse("duties:mine")}))


@act("duties.sign")
def sign(*, by: Actor, issues: Sequence[Issue]) -> int:
    """签收: the serving leader has taken note of the duties; others cannot sign for him or her."""
    mine = ledger_policies.posts_of(by)
    wrong = next((row for row in issues if row.leader_post_id not in mine), None)
    if wrong is not None:
        raise NotAllowed("not_leader")
    keys = [row.pk for row in issues if row.signed_on is None]
    Issue.objects.filter(pk__in=keys).update(signed_on=clock.today(), signed_by=str(by.uid), signed_label=by.label)
    current().about(Reference("duty_issue", str(keys[0]) if keys else "none"), signed=len(keys))
    return len(keys)


@act("duties.name_posts")
def name_posts(*, by: Actor, of: Issue, leader: Post | None, handler: Post | None) -> Issue:
    """指定责任人: say which post leads and which handles a duty; its open matters go with it, and the new handler is told."""
    locked = Issue.objects.select_for_update(of=("self",)).select_related("node", "duty").get(pk=of.pk)
    require_naming(by, locked)
    if locked.ends_on is not None:
        raise Conflict(_("This duty was replaced meanwhile"), remedy=_("open the current one"), code="state")
    for field, post in (("leader", leader), ("handler", handler)):
        if post is not None and post.closed_on is not None:
            raise Refused(
                _("The post %(post)s is closed") % {"post": post.name}, field=field, remedy=_("name an open one"), code="post_closed"
            )
    locked.leader_post = leader or locked.leader_post
    locked.handler_post = handler or locked.handler_post
    if locked.leader_post is None or locked.handler_post is None:
        raise Refused(_("One leader and one handler are needed"), field="handler", remedy=_("name both posts"), code="nobody")
    locked.named_on = locked.named_on or clock.today()
    locked.save(update_fields=["leader_post", "handler_post", "named_on"])
    _pass_on(locked)
    generating.generate(by=SYSTEM, rows=upcoming(clock.today(), only=locked))
    current().about(Reference("duty_issue", str(locked.pk)), leader=locked.leader_post.code, handler=locked.handler_post.code)
    _tell_named(locked)
    return locked


@act("duties.ask_account")
def ask_account(*, by: Actor, of: Issue) -> int:
    """Ask the system administrators for an account for whoever serves in a post of this duty and has none; returns how many were asked."""
    require_naming(by, of)
    posts = [post for post in (of.leader_post_id, of.handler_post_id) if post]
    people = [row.person for rows in organization.serving(posts, clock.today()).values() for row in rows if row.person.account_id is None]
    if not people:
        raise Conflict(_("Everybody who serves there has an account"), remedy=_("look at it again"), code="state")
    names = "、".join(dict.fromkeys(f"{person.code} {person.name}" for person in people))
    words = {"people": names, "duty": str(of.duty), "unit": of.node.name}
    text = _("An account is needed for %(people)s, who implements “%(duty)s” at %(unit)s and sees nothing of it") % words
    grants = Grant.objects.on(clock.today()).filter(role__in=roles_with(Permission.ACCOUNT_MANAGE)).order_by()
    administrators = list(User.objects.filter(pk__in=grants.values("user_id"), is_active=True).order_by("pk"))
    for account in administrators:
        current().tell(Message(str(account.uid), "account", text, Reference("duty_issue", str(of.pk)), {"url": reverse("inbox:mine")}))
    current().about(Reference("duty_issue", str(of.pk)), people=[person.code for person in people])
    return len(administrators)


def require_naming(by: Any, of: Issue) -> None:
    """The office that issues duties, or whoever leads or does Party work at the unit."""
    if access.can(by, Permission.DUTY_ISSUE, of.node) or access.can(by, Permission.DUTY_NAME, of.node):
        return
    if not access.can(by, Permission.DUTY_VIEW, of.node):
        raise Unseen
    raise NotAllowed("no_duty_issue")


def _pass_on(of: Issue) -> None:
    """Open occurrences follow the duty."""
    rows = Matter.objects.filter(origin_kind="duty_issue", origin_id=str(of.pk), state__in=OPEN)
    for matter in rows.select_related("lead", "partner", "leader_post", "handler_post", "reviewer_post"):
        ledger.follow(
            by=current().by,
            matter=matter,
            parts=ledger.Parts(of.leader_post, of.handler_post),
            note=_("the duty was given to another post"),
        )


def _tell_named(of: Issue) -> None:
    text = _("You implement this duty: %(duty)s (%(unit)s)") % {"duty": str(of.duty), "unit": of.node.name}
    posts = [post for post in (of.leader_post_id, of.handler_post_id) if post]
    for rows in organization.serving(posts, clock.today()).values():
        for row in rows:
            account = row.person.account
            if account is not None and str(account.uid) != str(current().by.uid):
                about = Reference("duty_issue", str(of.pk))
                current().tell(Message(str(account.uid), "duty", text, about, {"url": reverse("duties:issue", args=[of.pk])}))


@act("duties.generate")
def generate(*, by: Actor, on: date) -> int:
    """Make the matters that fall due within the days ahead; safe to repeat, kill and run late. Duties with a hole wait for a post."""
    access.require_everywhere(by, Permission.SYSTEM_MANAGE)
    count = generating.generate(by=by, rows=upcoming(on))
    current().about(Reference("duty", "generated"), made=count)
    return count


def upcoming(on: date, only: Issue | None = None) -> list[Made]:
    """Every occurrence, from the day both posts were named until the days ahead; those that exist are told apart by their occurrence."""
    issues = Issue.objects.filter(starts_on__lte=on, ends_on__isnull=True, named_on__isnull=False)
    issues = issues.filter(pk=only.pk) if only is not None else issues
    rows = list(issues.select_related("duty__indicator", "node", "leader_post", "handler_post"))
    if not rows:
        return []
    reader = Reader(on)
    workdays = Workdays(min(row.named_on or on for row in rows), horizon(on, 400))
    partners, above = _partners(on), _above([row.node for row in rows])
    made = []
    for row in rows:
        until = horizon(on, reader.at(row.node).ahead_days)
        for period, due_on in occurrences(row.duty.per, (row.named_on or on) - timedelta(days=1), until, workdays):
            made.append(Made(_occurrence(row, period, due_on, partners.get(row.node_id), above.get(row.node.parent_id or 0))))
    return made


def _occurrence(row: Issue, period: Period, due_on: date, partner: Node | None, above: Post | None) -> ledger.NewMatter:
    duty = row.duty
    reviewer = above if row.leader_post_id == row.handler_post_id and above is not None and above.pk != row.handler_post_id else None
    return ledger.NewMatter(
        f"{duty.title}（{period_name(period)}）", duty.side, row.node, due_on, ledger.Parts(row.leader_post, row.handler_post, reviewer),
        partner if duty.side == Side.BOTH else None, starts_on=min(max(period.starts_on, row.named_on or row.starts_on), due_on), standard=duty.standard,
        origin=Origin.DUTY, record=Reference("duty_issue", str(row.pk)), occurrence=f"duty:{row.duty_code}:{row.node_id}:{period.kind}:{period.code}",
        indicator=duty.indicator, is_light=True, is_personal=duty.is_personal,
    )  # fmt: skip


def period_name(period: Period) -> str:
    """2026年11月, 2026年四季度, 2026年下半年, 2026年: titles are records, written in Chinese."""
    year, month = divmod(period.code, 100)
    words = {
        PeriodKind.MONTH: f"{year}年{month}月",
        PeriodKind.QUARTER: f"{year}年{'一二三四'[month // 3 - 1]}季度",
        PeriodKind.HALF: f"{year}年{'上' if month == 6 else '下'}半年",
    }
    return words.get(period.kind, f"{year}年")


def _partners(on: date) -> dict[int, Node]:
    """Node to the first node of the other tree that is its own."""
    found: dict[int, Node] = {}
    rows = TreeLink.objects.on(on).exclude(kind=LinkKind.TEMPORARY).select_related("unit", "party").order_by("-kind", "pk")
    for link in rows:
        found.setdefault(link.unit_id, link.party)
        found.setdefault(link.party_id, link.unit)
    return found


def _above(nodes: Sequence[Node]) -> dict[int, Post]:
    """Node to its leading post, for the nodes above these."""
    parents = {node.parent_id for node in nodes if node.parent_id}
    rows = Post.objects.filter(node__in=parents, kind__in=[PostKind.SECRETARY, PostKind.HEAD], closed_on__isnull=True).order_by("-pk")
    return {post.node_id: post for post in rows}
