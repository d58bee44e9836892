"""Acts on matters. Every step locks its row first, so that twenty people on one button make one step and nineteen clear refusals."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.access.roles import Permission
from rongtong.files import storing
from rongtong.indicators.models import Indicator
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, Message, act, current
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.kernel.reference import Reference, title_and_url
from rongtong.ledger import policies
from rongtong.ledger.models import Answer, Evidence, Matter, Origin, Request, Sensitivity, Side, Step, Support, View
from rongtong.ledger.numbers import numbers_at
from rongtong.ledger.states import ENDED, MOVES, OPEN, State, Who
from rongtong.organization import queries as organization
from rongtong.organization.models import Appointment, Post
from rongtong.trees.models import Counter, Node

MAX_TITLE, MAX_NOTE = 200, 1000


@dataclass(frozen=True, slots=True)
class Parts:
    """Who leads, handles and reviews. The reviewer is the leader, unless another is named or the leader handles it."""

    leader: Post | None = None
    handler: Post | None = None
    reviewer: Post | None = None

    @property
    def judge(self) -> Post | None:
        return self.reviewer or (self.leader if self.leader != self.handler else None)


@dataclass(frozen=True, slots=True)
class NewMatter:
    """What a matter is. `lead` may be of either tree; `partner` is of the other one."""

    title: str
    side: str
    lead: Node
    due_on: date
    parts: Parts = Parts()
    partner: Node | None = None
    starts_on: date | None = None
    detail: str = ""
    standard: str = ""
    origin: str = Origin.FREE
    record: Reference | None = None
    occurrence: str = ""
    supports: Sequence[Node] = ()
    parent: Matter | None = None
    indicator: Indicator | None = None
    is_restricted: bool = False
    is_light: bool = False
    is_personal: bool = False


@act("ledger.create")
def create(*, by: Actor, new: NewMatter) -> Matter:
    """Draft a matter. Nobody is told yet."""
    policies.require_create(by, new.lead, new.partner)
    matter = _matter(by, new)
    matter.save(force_insert=True)
    Support.objects.bulk_create([Support(matter=matter, node=node) for node in dict.fromkeys(new.supports)])
    _step(by, matter, "draft", "", note="")
    return matter


@act("ledger.deploy")
def deploy(*, by: Actor, new: NewMatter) -> Matter:
    """Draft and assign in one act."""
    return assign(by=by, matter=create(by=by, new=new), parts=new.parts)


def check(new: NewMatter) -> date:
    """Refuse what cannot be a matter; returns the day it starts. Writes nothing."""
    starts_on = new.starts_on or clock.today()
    _refuse_text(new.title.strip(), new)
    if new.due_on < starts_on:
        what = _("The due date %(due)s lies before the start %(start)s") % {"due": new.due_on, "start": starts_on}
        raise Refused(what, field="due_on", remedy=_("choose a later day"), code="due_before_start")
    if new.partner is not None and new.partner.tree == new.lead.tree:
        raise Refused(
            _("Both units stand in the same tree"), field="partner", remedy=_("name a unit and a Party organisation; others support it")
        )
    for node in (new.lead, new.partner, *new.supports):
        if node is not None and node.closed_on is not None and node.closed_on <= starts_on:
            raise Refused(_("%(name)s is closed") % {"name": node.name}, field="lead", remedy=_("choose its successor"), code="closed")
    _refuse_parts(new.parts)
    return starts_on


def _matter(by: Actor, new: NewMatter) -> Matter:
    starts_on = check(new)
    return Matter(
        code=_code(starts_on.year), title=new.title.strip(), detail=new.detail.strip(), standard=new.standard.strip(), side=new.side, origin=new.origin,
        origin_kind=new.record.kind if new.record else "", origin_id=new.record.id if new.record else "", occurrence=new.occurrence or None,
        lead=new.lead, partner=new.partner, leader_post=new.parts.leader, handler_post=new.parts.handler, reviewer_post=new.parts.judge,
        parent=new.parent, indicator=new.indicator, sensitivity=Sensitivity.RESTRICTED if new.is_restricted else Sensitivity.NORMAL,
        is_light=new.is_light, is_personal=new.is_personal, starts_on=starts_on, due_on=new.due_on, first_due_on=new.due_on,
        created_at=clock.now(), state_at=clock.now(), created_by=str(by.uid), created_label=by.label,
    )  # fmt: skip


def _refuse_text(title: str, new: NewMatter) -> None:
    if not title or len(title) > MAX_TITLE:
        raise Refused(
            _("The title is empty or longer than 200 characters"), field="title", remedy=_("say in a sentence what is to be done")
        )
    if new.side not in Side.values:
        known = ", ".join(Side.values)
        raise Refused(
            _("“%(side)s” is not a side") % {"side": new.side}, field="side", remedy=_("use one of: %(known)s") % {"known": known}
        )
    if new.origin not in Origin.values:
        known = ", ".join(Origin.values)
        what = _("“%(origin)s” is not an origin") % {"origin": new.origin}
        raise Refused(what, field="origin", remedy=_("use one of: %(known)s") % {"known": known})
    if len(new.standard) > 300:
        raise Refused(_("The standard is longer than 300 characters"), field="standard", remedy=_("put the rest into the description"))


def _refuse_parts(parts: Parts) -> None:
    if parts.handler is not None and parts.judge == parts.handler:
        raise Refused(_("The reviewer may not be the handler"), field="reviewer", remedy=_("name another post"), code="reviewer_is_handler")
    for field, post in (("leader", parts.leader), ("handler", parts.handler), ("reviewer", parts.reviewer)):
        if post is not None and post.closed_on is not None and post.closed_on <= clock.today():
            raise Refused(
                _("The post %(post)s is closed") % {"post": post.name}, field=field, remedy=_("name an open one"), code="post_closed"
            )


def _code(year: int) -> str:
    """The next number of the year; the counter's row is locked until the act ends."""
    counter, _made = Counter.objects.select_for_update().get_or_create(name=f"matter-{year}")
    counter.value += 1
    counter.save(update_fields=["value"])
    return f"{year}-{counter.value:06d}"


def _step(by: Actor, matter: Matter, kind: str, before: str, *, note: str, due_on: date | None = None, part: str = "") -> Step:
    """Record a step with who led and handled at this moment; `part` where the program acts for somebody's own record."""
    today = clock.today()
    serving = organization.serving([post for post in (matter.leader_post_id, matter.handler_post_id) if post], today)
    part = part or next((who for who in Who if who in policies.parts_of(by, matter)), "")
    current().about(Reference("matter", str(matter.pk)), step=kind, state=matter.state)
    return Step.objects.create(
        matter=matter, kind=kind, from_state=before, to_state=matter.state, at=clock.now(), on=today, by_uid=str(by.uid), by_label=by.label,
        by_part=part, leader=_first(serving, matter.leader_post_id), handler=_first(serving, matter.handler_post_id), note=note, due_on=due_on,
        progress=matter.progress,
    )  # fmt: skip


def _first(serving: dict[int, list[Appointment]], post: int | None) -> Appointment | None:
    return next(iter(serving.get(post, [])), None) if post else None


def _tell(matter: Matter, posts: Iterable[int | None], kind: str, text: str) -> None:
    """A note to the accounts of those who serve in these posts, except whoever acts."""
    today, told = clock.today(), set()
    for rows in organization.serving([post for post in posts if post], today).values():
        for row in rows:
            account = row.person.account
            if account is not None and account.uid not in told and str(account.uid) != str(current().by.uid):
                told.add(account.uid)
                params = {"url": reverse("ledger:matter", args=[matter.pk])}
                if matter.sensitivity == Sensitivity.RESTRICTED:  # titles of restricted matters never leave by mail or robot
                    params["outside"] = _("A restricted matter waits for you")
                current().tell(Message(str(account.uid), kind, text, Reference("matter", str(matter.pk)), params))


def _begin(by: Actor, matter: Matter, code: str, note: str = "") -> Matter:
    """Lock the matter, check that the step may be taken by this actor from this state."""
    locked = (
        Matter.objects.select_for_update(of=("self",)).select_related("lead", "partner", "leader_post", "handler_post").get(pk=matter.pk)
    )
    policies.require_move(by, locked, code)
    move = MOVES[code]
    if locked.state not in move.sources:
        what = _("“%(title)s” is now: %(state)s") % {"title": locked.title, "state": locked.get_state_display()}
        raise Conflict(what, remedy=_("look at it again; somebody was faster"), code="state")
    if move.needs_reason and not note.strip():
        raise Refused(_("There is no reason"), field="note", remedy=_("say in a sentence why"), code="reason")
    if len(note) > MAX_NOTE:
        raise Refused(_("The text is longer than 1,000 characters"), field="note", remedy=_("attach it as a file"))
    return locked


def _move(by: Actor, matter: Matter, code: str, note: str = "", told_due: date | None = None, **changes: Any) -> Matter:
    """Take a step: the state that the table names, the given fields, one row of history."""
    before, target = matter.state, MOVES[code].to
    if target is not None and target != before:
        changes |= {"state": target, "state_at": clock.now()}
    for name, value in changes.items():
        setattr(matter, name, value)
    if changes:
        matter.save(update_fields=list(changes))
    _step(by, matter, code, before, note=note.strip(), due_on=told_due)
    return matter


@act("ledger.assign")
def assign(*, by: Actor, matter: Matter, parts: Parts) -> Matter:
    """交办: name the leader post, the handler post and the reviewer, and tell them."""
    found = _begin(by, matter, "assign")
    _refuse_parts(parts)
    if parts.leader is None or parts.handler is None:
        raise Refused(
            _("Nobody is named to lead or to handle it"),
            field="handler",
            remedy=_("name one leader post and one handler post"),
            code="nobody",
        )
    if parts.judge is None and not found.is_light:
        raise Refused(
            _("The leader handles it and nobody would review it"),
            field="reviewer",
            remedy=_("name the post that reviews it"),
            code="no_reviewer",
        )
    _refuse_same_person(parts)
    done = _move(by, found, "assign", leader_post=parts.leader, handler_post=parts.handler, reviewer_post=parts.judge)
    _tell(done, [parts.handler.pk, parts.leader.pk], "matter", _("Assigned to you: %(title)s") % {"title": done.title})
    return done


def _refuse_same_person(parts: Parts) -> None:
    """Two posts, one person: nobody else could review the work."""
    if parts.judge is None or parts.handler is None:
        return
    serving = organization.serving([parts.judge.pk, parts.handler.pk], clock.today())
    handlers = {row.person_id for row in serving.get(parts.handler.pk, [])}
    reviewers = {row.person_id for row in serving.get(parts.judge.pk, [])}
    if reviewers and reviewers <= handlers:
        what = _("%(person)s would review his or her own work") % {"person": serving[parts.judge.pk][0].person.name}
        raise Refused(what, field="reviewer", remedy=_("name another handler, or another reviewer"), code="reviewer_is_handler")


@act("ledger.acknowledge")
def acknowledge(*, by: Actor, matter: Matter) -> Matter:
    """签收: the handler has seen it. Of a request this is not yet the answer."""
    return _move(by, _begin(by, matter, "acknowledge"), "acknowledge")


@act("ledger.report")
def report(*, by: Actor, matter: Matter, progress: int, note: str = "") -> Matter:
    """Progress in percent and a sentence."""
    found = _begin(by, matter, "report", note)
    if not 0 <= progress <= 100:
        what = _("%(progress)s is not a progress in percent") % {"progress": progress}
        raise Refused(what, field="progress", remedy=_("write a number from 0 to 100"))
    return _move(by, found, "report", note, progress=progress)


@act("ledger.submit")
def submit(*, by: Actor, matter: Matter, note: str = "") -> Matter:
    """反馈: hand it to the reviewer with at least one piece of evidence, or a sentence that says what was done."""
    found = _begin(by, matter, "submit", note)
    if not note.strip() and not found.evidence.filter(withdrawn_at__isnull=True).exists():
        raise Refused(
            _("There is neither evidence nor a report"), field="note", remedy=_("attach a file, name a record, or say what was done")
        )
    done = _move(by, found, "submit", note, progress=100)
    _tell(done, [done.reviewer_post_id], "review", _("Waits for your review: %(title)s") % {"title": done.title})
    return done


@act("ledger.send_back")
def send_back(*, by: Actor, matter: Matter, note: str) -> Matter:
    """退回, with the reason."""
    found = _begin(by, matter, "return", note)
    done = _move(by, found, "return", note, returned=found.returned + 1)
    _tell(done, [done.handler_post_id], "returned", _("Returned to you: %(title)s. %(why)s") % {"title": done.title, "why": note.strip()})
    return done


@act("ledger.close")
def close(*, by: Actor, matter: Matter, note: str = "", outcome: str = "") -> Matter:
    """销号 by the reviewer; `outcome` is the business-side result in a sentence, where there is one."""
    found = _begin(by, matter, "close", note)
    done = _move(by, found, "close", note, closed_on=clock.today(), outcome=outcome.strip()[:500], asked_due_on=None)
    _tell(done, [done.handler_post_id, done.leader_post_id], "closed", _("Closed out: %(title)s") % {"title": done.title})
    return done


@act("ledger.ask_extension")
def ask_extension(*, by: Actor, matter: Matter, due_on: date, note: str) -> Matter:
    """延期申请: another due date with the reason; the leader decides."""
    found = _begin(by, matter, "ask_extension", note)
    if due_on <= found.due_on:
        what = _("%(day)s is not later than the due date %(due)s") % {"day": due_on, "due": found.due_on}
        raise Refused(what, field="due_on", remedy=_("choose a later day"))
    done = _move(by, found, "ask_extension", note, due_on, asked_due_on=due_on)
    text = _("An extension to %(day)s is asked for: %(title)s. %(why)s") % {"day": due_on, "title": done.title, "why": note.strip()}
    _tell(done, [done.leader_post_id], "extension", text)
    return done


@act("ledger.extend")
def extend(*, by: Actor, matter: Matter, note: str = "") -> Matter:
    """Approve what was asked for; nobody approves an extension of the work in their own hands."""
    found = _begin(by, matter, "extend", note)
    if found.asked_due_on is None:
        raise Conflict(_("No extension is asked for"), remedy=_("look at it again"), code="state")
    if found.handler_post_id in policies.posts_of(by):
        raise NotAllowed(policies.OWN_WORK)
    done = _move(by, found, "extend", note, found.asked_due_on, due_on=found.asked_due_on, asked_due_on=None)
    _tell(done, [done.handler_post_id], "extension", _("Extended to %(day)s: %(title)s") % {"day": done.due_on, "title": done.title})
    return done


@act("ledger.refuse_extension")
def refuse_extension(*, by: Actor, matter: Matter, note: str) -> Matter:
    found = _begin(by, matter, "refuse_extension", note)
    if found.asked_due_on is None:
        raise Conflict(_("No extension is asked for"), remedy=_("look at it again"), code="state")
    done = _move(by, found, "refuse_extension", note, asked_due_on=None)
    _tell(done, [done.handler_post_id], "extension", _("Not extended: %(title)s. %(why)s") % {"title": done.title, "why": note.strip()})
    return done


@act("ledger.urge")
def urge(*, by: Actor, matter: Matter, note: str = "") -> Matter:
    """催办. After as many urges as the rule row says, the next leader above is told too."""
    found = _begin(by, matter, "urge", note)
    limit = numbers_at(found.lead, clock.today()).urges_to_escalate
    urged = found.urged + 1
    level = urged // limit if limit else found.level
    waits_for = found.reviewer_post_id if found.state == State.SUBMITTED else found.handler_post_id
    is_raised = level > found.level
    above = _leaders_above(found) if is_raised else []
    done = _move(by, found, "urge", note, urged=urged, level=level)
    _tell(done, [waits_for], "urge", _("You are urged: %(title)s") % {"title": done.title})
    if is_raised:
        text = _("Urged %(count)s times without effect: %(title)s") % {"count": urged, "title": done.title}
        _tell(done, [*above, done.leader_post_id], "escalated", text)
    return done


def _leaders_above(matter: Matter) -> list[int]:
    """The leading posts of the unit above, one more for every level."""
    node = matter.lead
    for _level in range(matter.level + 1):
        node = node.parent or node
    return list(organization.leading_posts(node).values_list("pk", flat=True))


@act("ledger.suspend")
def suspend(*, by: Actor, matter: Matter, note: str) -> Matter:
    found = _begin(by, matter, "suspend", note)
    return _move(by, found, "suspend", note, suspended_from=found.state)


@act("ledger.resume")
def resume(*, by: Actor, matter: Matter, note: str = "") -> Matter:
    """Back to the state before; the days of suspension are added to the due date."""
    found = _begin(by, matter, "resume", note)
    pause = clock.now() - found.state_at
    due_on = found.due_on + timedelta(days=pause.days)
    return _move(by, found, "resume", note, due_on, state=found.suspended_from, suspended_from="", due_on=due_on, state_at=clock.now())


@act("ledger.hand_over")
def hand_over(*, by: Actor, matter: Matter, parts: Parts, note: str) -> Matter:
    """Give a matter to other posts, in the middle of it too; a part that is not named stays as it is."""
    found = _begin(by, matter, "hand_over", note)
    merged = Parts(parts.leader or found.leader_post, parts.handler or found.handler_post, parts.reviewer or found.reviewer_post)
    _refuse_parts(merged)
    done = _move(by, found, "hand_over", note, leader_post=merged.leader, handler_post=merged.handler, reviewer_post=merged.judge)
    _tell(done, [done.handler_post_id, done.leader_post_id], "matter", _("Handed over to you: %(title)s") % {"title": done.title})
    return done


@act("ledger.follow")
def follow(*, by: Actor, matter: Matter, parts: Parts, note: str) -> Matter:
    """Posts follow the record a matter came from (a duty given to another post); part of that record's act, which asked for the right."""
    if current().kind == "ledger.follow":
        raise NotAllowed("not_by_itself")
    found = Matter.objects.select_for_update(of=("self",)).select_related("lead", "partner", "reviewer_post").get(pk=matter.pk)
    judge = parts.judge or (found.reviewer_post if found.reviewer_post != parts.handler else None)
    return _move(by, found, "hand_over", note, leader_post=parts.leader, handler_post=parts.handler, reviewer_post=judge)


@act("ledger.look_back")
def look_back(*, by: Actor, matter: Matter, note: str = "") -> Matter:
    """回头看: the result still holds."""
    return _move(by, _begin(by, matter, "look_back", note), "look_back", note, looked_back_on=clock.today())


@act("ledger.reopen")
def reopen(*, by: Actor, matter: Matter, due_on: date, note: str) -> Matter:
    """It recurred: the same matter goes on, with a new due date."""
    found = _begin(by, matter, "reopen", note)
    if due_on < clock.today():
        raise Refused(_("%(day)s has passed") % {"day": due_on}, field="due_on", remedy=_("choose a later day"))
    done = _move(by, found, "reopen", note, due_on, closed_on=None, due_on=due_on, reopened=found.reopened + 1, looked_back_on=None)
    _tell(done, [done.handler_post_id, done.leader_post_id], "reopened", _("Reopened: %(title)s") % {"title": done.title})
    return done


@act("ledger.void")
def void(*, by: Actor, matter: Matter, note: str) -> Matter:
    """Not to be done any more; it stays readable with its reason."""
    found = _begin(by, matter, "void", note)
    done = _move(by, found, "void", note, suspended_from="", asked_due_on=None)
    _tell(done, [done.handler_post_id], "void", _("Void: %(title)s. %(why)s") % {"title": done.title, "why": note.strip()})
    return done


@act("ledger.remark")
def remark(*, by: Actor, matter: Matter, note: str) -> Matter:
    found = _begin(by, matter, "remark", note)
    if not note.strip():
        raise Refused(_("The remark is empty"), field="note", remedy=_("write a sentence"))
    return _move(by, found, "remark", note)


@act("ledger.break_down")
def break_down(*, by: Actor, matter: Matter, parent: Matter | None) -> Matter:
    """Make a matter part of another one; circles are refused."""
    policies.require_create(by, matter.lead, matter.partner)
    above = parent
    while above is not None:
        if above.pk == matter.pk:
            what = _("“%(title)s” would be a part of itself") % {"title": matter.title}
            raise Refused(what, field="parent", remedy=_("choose another matter"), code="circle")
        above = above.parent
    matter.parent = parent
    matter.save(update_fields=["parent"])
    current().about(Reference("matter", str(matter.pk)), parent=parent.code if parent else "")
    return matter


@act("ledger.add_file")
def add_file(*, by: Actor, matter: Matter, upload: storing.Upload, note: str = "") -> Evidence:
    """Attach a file; another version is another row."""
    _require_evidence(by, matter)
    file = storing.store(by, upload)
    current().about(Reference("matter", str(matter.pk)), file=file.name, digest=file.digest)
    return Evidence.objects.create(matter=matter, file=file, note=note.strip()[:300], added_by=str(by.uid), added_label=by.label)


@act("ledger.add_record")
def add_record(*, by: Actor, matter: Matter, record: Reference, note: str = "") -> Evidence:
    """Name a record of the system as evidence; only one that the actor sees."""
    _require_evidence(by, matter)
    if title_and_url(record, by) is None:
        raise Refused(_("There is no such record in your area"), field="record", remedy=_("choose one that you can open"), code="unseen")
    current().about(Reference("matter", str(matter.pk)), record=str(record))
    return Evidence.objects.create(
        matter=matter, record_kind=record.kind, record_id=record.id, note=note.strip()[:300], added_by=str(by.uid), added_label=by.label
    )


@act("ledger.withdraw_evidence")
def withdraw_evidence(*, by: Actor, evidence: Evidence, note: str) -> Evidence:
    """A wrong piece of evidence stays readable, marked with the reason."""
    _require_evidence(by, evidence.matter)
    if not note.strip():
        raise Refused(_("There is no reason"), field="note", remedy=_("say in a sentence why"), code="reason")
    evidence.withdrawn_at, evidence.withdrawn_reason = clock.now(), note.strip()[:300]
    evidence.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    current().about(Reference("matter", str(evidence.matter_id)), evidence=evidence.pk, why=evidence.withdrawn_reason)
    return evidence


def _require_evidence(by: Actor, matter: Matter) -> None:
    if not policies.sees(by, matter):
        raise Unseen
    if not policies.parts_of(by, matter) & {Who.HANDLER, Who.LEADER, Who.SUPERVISOR, Who.PROPOSER}:
        raise NotAllowed("not_handler")
    if matter.state in ENDED:
        raise Conflict(_("The matter is closed"), remedy=_("reopen it first"), code="state")


@act("ledger.prove")
def prove(*, by: Actor, matter: Matter, record: Reference, on: date, note: str = "", in_person: bool = False) -> Matter:
    """Light path: a routine duty proved by a record of the system closes itself on the record's day. Only the program does this.

    `in_person` where the record shows that whoever leads the matter did it.
    """
    access.require_everywhere(by, Permission.SYSTEM_MANAGE)
    found = Matter.objects.select_for_update(of=("self",)).select_related("lead", "partner").get(pk=matter.pk)
    if not found.is_light or found.state not in OPEN:
        return found
    Evidence.objects.create(
        matter=found, record_kind=record.kind, record_id=record.id, note=note[:300], added_by=str(by.uid), added_label=by.label
    )
    before = found.state
    found.state, found.state_at, found.suspended_from = State.CLOSED, clock.now(), ""
    found.closed_on, found.progress = max(on, found.starts_on), 100
    found.save(update_fields=["state", "state_at", "suspended_from", "closed_on", "progress"])
    _step(by, found, "prove", before, note=note, part=Who.LEADER if in_person else "")
    return found


@act("ledger.disprove")
def disprove(*, by: Actor, record: Reference, note: str) -> int:
    """A record that proved something was voided: as evidence it is withdrawn, and what it alone had closed is open again. Returns how many."""
    access.require_everywhere(by, Permission.SYSTEM_MANAGE)
    if not note.strip():
        raise Refused(_("There is no reason"), field="note", remedy=_("say in a sentence why"), code="reason")
    rows = Evidence.objects.filter(record_kind=record.kind, record_id=record.id, withdrawn_at__isnull=True)
    keys = list(rows.order_by("matter_id").values_list("matter_id", flat=True).distinct())
    rows.update(withdrawn_at=clock.now(), withdrawn_reason=note.strip()[:300])
    count = 0
    for found in Matter.objects.select_for_update(of=("self",)).filter(pk__in=keys, state=State.CLOSED, is_light=True).order_by("pk"):
        count += _open_again(by, found, note.strip())
    current().about(record, disproved=len(keys), opened=count)
    return count


def _open_again(by: Actor, found: Matter, note: str) -> int:
    """Only where the proof closed it and no other evidence stands."""
    last = Step.objects.filter(matter=found, to_state=State.CLOSED).order_by("-pk").first()
    if last is None or last.kind != "prove" or found.evidence.filter(withdrawn_at__isnull=True).exists():
        return 0
    found.state, found.state_at = last.from_state or State.ASSIGNED, clock.now()
    found.closed_on, found.progress = None, 0
    found.save(update_fields=["state", "state_at", "closed_on", "progress"])
    _step(by, found, "disprove", State.CLOSED, note=note[:MAX_NOTE])
    text = _("The record that proved it was voided; it is open again: %(title)s") % {"title": found.title}
    _tell(found, [found.handler_post_id, found.leader_post_id], "reopened", text)
    return 1


@dataclass(frozen=True, slots=True)
class Ask:
    """What one department asks of another, or of the Party side (申请支援)."""

    title: str
    from_node: Node
    to_node: Node
    due_on: date
    detail: str = ""
    leader: Post | None = None
    record: Reference | None = None
    indicator: Indicator | None = None


@act("ledger.ask")
def ask(*, by: Actor, new: Ask) -> Matter:
    """工作联系单: open a request. It goes to the leading post of the unit asked; the clock for the answer starts."""
    policies.require_create(by, new.from_node)
    if new.from_node == new.to_node:
        raise Refused(_("The unit asks itself"), field="to", remedy=_("name another unit or Party organisation"))
    leader = new.leader or _leading_post(new.to_node)
    partner = new.from_node if new.from_node.tree != new.to_node.tree else None
    matter = _matter(
        by,
        NewMatter(
            new.title, Side.BOTH if partner else (Side.PRODUCTION if new.to_node.is_business else Side.PARTY), new.to_node, new.due_on,
            Parts(leader, leader, _leading_post(new.from_node)), partner, detail=new.detail, origin=Origin.REQUEST, record=new.record,
            indicator=new.indicator,
        ),
    )  # fmt: skip
    matter.state = State.ASSIGNED
    matter.save(force_insert=True)
    days = numbers_at(new.to_node, clock.today()).answer_days
    Request.objects.create(
        matter=matter, from_node=new.from_node, asked_on=clock.today(), answer_due_on=min(clock.today() + timedelta(days=days), new.due_on)
    )
    _step(by, matter, "ask", "", note=new.detail[:MAX_NOTE])
    _tell(matter, [leader.pk], "request", _("%(unit)s asks: %(title)s") % {"unit": new.from_node.name, "title": matter.title})
    return matter


def _leading_post(node: Node) -> Post:
    post = organization.leading_post(node)
    if post is None:
        what = _("%(name)s has no leading post") % {"name": node.name}
        raise Refused(what, field="to", remedy=_("name another unit, or have the post opened"), code="nobody")
    return post


@act("ledger.answer")
def answer(*, by: Actor, matter: Matter, choice: str, note: str = "") -> Matter:
    """Answer a request: agreed, and it is worked on; or declined with the reason, and it ends. The clock stops."""
    found = Matter.objects.select_for_update(of=("self",)).select_related("lead", "partner").get(pk=matter.pk)
    if not policies.sees(by, found):
        raise Unseen
    if not policies.parts_of(by, found) & {Who.LEADER, Who.HANDLER, Who.SUPERVISOR}:
        raise NotAllowed("not_handler")
    request = Request.objects.select_for_update(of=("self",)).get(matter=found)
    if request.answered_on is not None or found.state not in OPEN:
        raise Conflict(_("The request is answered already"), remedy=_("look at it again"), code="state")
    if choice not in Answer.values:
        raise Refused(_("“%(choice)s” is not an answer") % {"choice": choice}, field="choice", remedy=_("agree or decline"))
    if choice == Answer.DECLINED and not note.strip():
        raise Refused(_("There is no reason"), field="note", remedy=_("say in a sentence why"), code="reason")
    request.answered_on, request.answer, request.answered_label = clock.today(), choice, by.label
    request.answer_text = note.strip()[:500]
    request.save(update_fields=["answered_on", "answer", "answered_label", "answer_text"])
    before = found.state
    found.state = State.IN_PROGRESS if choice == Answer.AGREED else State.VOID
    found.state_at = clock.now()
    found.save(update_fields=["state", "state_at"])
    _step(by, found, f"answer_{choice}", before, note=note.strip()[:MAX_NOTE])
    text = _("Answered (%(answer)s): %(title)s") % {"answer": request.get_answer_display(), "title": found.title}
    _tell(found, [found.reviewer_post_id], "answer", text)
    return found


@act("ledger.urge_many")
def urge_many(*, by: Actor, matters: Sequence[Matter], note: str = "") -> int:
    """Urge several at once; all or none."""
    for matter in matters:
        urge(by=by, matter=matter, note=note)
    current().about(Reference("matter", "many"), count=len(matters))
    return len(matters)


@act("ledger.drop_view")
def drop_view(*, by: Actor, view: View) -> None:
    """Forget a set of filters of one's own."""
    if view.owner != str(by.uid):
        raise Unseen
    current().about(Reference("view", str(view.pk)), name=view.name)
    view.delete()


@act("ledger.save_view")
def save_view(*, by: Actor, name: str, query: str) -> View:
    """Keep a set of filters under a name, for oneself."""
    if not name.strip():
        raise Refused(_("The view has no name"), field="name", remedy=_("give it a short name"))
    view, _made = View.objects.update_or_create(owner=str(by.uid), name=name.strip()[:60], defaults={"query": query[:500]})
    current().about(Reference("view", str(view.pk)), name=view.name)
    return view
