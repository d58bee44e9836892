"""Acts on inspections: plan, run over records, combine, issue, answer on site, find, have it mended, close."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.inspections import policies, queries
from rongtong.inspections.answering import said
from rongtong.inspections.models import (
    ON_SITE,
    RUNNING,
    Answer,
    Checklist,
    ChecklistItem,
    Finding,
    Found,
    Inspection,
    Item,
    Kind,
    Pace,
    Place,
    Stage,
)
from rongtong.inspections.policies import RUN, VIEW
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, Message, act, current
from rongtong.kernel.errors import Conflict, Refused
from rongtong.kernel.reference import Reference
from rongtong.ledger import actions as ledger
from rongtong.ledger.models import Matter, Origin, Side
from rongtong.organization import queries as organization
from rongtong.trees.models import Counter, Node, TreeLink

MAX_TEXT, MAX_NOTE = 300, 500


def _ref(inspection: Inspection) -> Reference:
    return Reference("inspection", str(inspection.pk))


def _text(value: str, field: str, most: int = MAX_TEXT) -> str:
    text = value.strip()
    if not text or len(text) > most:
        what = _("The text is empty or longer than %(most)s characters") % {"most": most}
        raise Refused(what, field=field, remedy=_("say it in a sentence"))
    return text


@act("inspections.install")
def install(*, by: Actor) -> int:
    """Add the shipped check lists that are not there yet; returns how many were added."""
    access.require_everywhere(by, RUN)
    data = tomllib.loads(files("rongtong.inspections").joinpath("data/lists.toml").read_text(encoding="utf-8"))
    have = set(Checklist.objects.values_list("code", flat=True))
    fresh = [row for row in data["list"] if row["code"] not in have]
    for row in fresh:
        made = Checklist.objects.create(code=row["code"], title=row["title"], title_en=row["title_en"])
        ChecklistItem.objects.bulk_create(
            [ChecklistItem(checklist=made, position=at, **values) for at, values in enumerate(_shipped(row["item"]), start=1)]
        )
    current().about(Reference("checklist", "shipped"), added=len(fresh))
    return len(fresh)


def _shipped(rows: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    for row in rows:
        head = {"section": row["section"], "section_en": row["section_en"]}
        for code in row.get("rules", ()):
            yield head | {"rule_code": code}
        if "question" in row:
            yield head | {name: row[name] for name in ("question", "question_en", "minutes")}


@dataclass(frozen=True, slots=True)
class ItemText:
    """What an item of a check list says: a rule, or a question."""

    section: str
    rule_code: str = ""
    question: str = ""
    question_en: str = ""
    minutes: int = 10


@act("inspections.add_item")
def add_item(*, by: Actor, checklist: Checklist, text: ItemText) -> ChecklistItem:
    """Add an item to a check list; inspections that took a copy stay as they are."""
    access.require_everywhere(by, RUN)
    _refuse_item(text)
    last = checklist.items.order_by("-position").first()
    if text.rule_code and checklist.items.filter(rule_code=text.rule_code).exists():
        raise Conflict(_("The list asks this rule already"), remedy=_("look at it again"), code="twice")
    made = ChecklistItem.objects.create(
        checklist=checklist, position=last.position + 1 if last else 1, section=_text(text.section, "section", 60), rule_code=text.rule_code,
        question=text.question.strip(), question_en=text.question_en.strip()[:MAX_TEXT], minutes=text.minutes,
    )  # fmt: skip
    current().about(Reference("checklist", str(checklist.pk)), item=made.rule_code or made.question)
    return made


def _refuse_item(text: ItemText) -> None:
    if bool(text.rule_code) == bool(text.question.strip()):
        what = _("An item is either a rule or a question")
        raise Refused(
            what, field="question", remedy=_("choose a rule that records answer, or write what only the place can tell"), code="one_of_both"
        )
    if text.rule_code and not queries.is_checked(text.rule_code, clock.today()):
        raise Refused(
            _("There is no rule %(code)s that is checked") % {"code": text.rule_code},
            field="rule_code",
            remedy=_("choose a rule of the list"),
        )
    if len(text.question) > MAX_TEXT or not 1 <= text.minutes <= 480:
        raise Refused(_("The question is too long, or its minutes are not 1 to 480"), field="minutes", remedy=_("shorten it"))


@act("inspections.drop_item")
def drop_item(*, by: Actor, item: ChecklistItem) -> Checklist:
    """Take an item out of a check list."""
    access.require_everywhere(by, RUN)
    current().about(Reference("checklist", str(item.checklist_id)), dropped=item.rule_code or item.question)
    item.delete()
    return item.checklist


# planning


@dataclass(frozen=True, slots=True)
class NewInspection:
    """What is planned. `people` are those of the unit who have to be there."""

    kind: str
    title: str
    node: Node
    checklist: Checklist
    starts_on: date
    ends_on: date
    places: Sequence[Node]
    year: int = 0  # of the records; that of the start, if 0
    people: int = 1


@act("inspections.plan")
def plan(*, by: Actor, new: NewInspection) -> Inspection:
    """Plan an inspection as a draft that units do not see yet, and let the records answer first."""
    access.require(by, RUN, new.node, *new.places, view=VIEW)
    _refuse_plan(new)
    made = Inspection.objects.create(
        code=_number(new.starts_on.year), kind=new.kind, title=_text(new.title, "title", 120), year=new.year or new.starts_on.year, node=new.node,
        checklist=new.checklist, starts_on=new.starts_on, ends_on=new.ends_on, people=new.people, created_by=str(by.uid), created_label=by.label,
    )  # fmt: skip
    names = ("position", "section", "section_en", "rule_code", "question", "question_en", "minutes")
    Item.objects.bulk_create([Item(inspection=made, **{name: getattr(row, name) for name in names}) for row in new.checklist.items.all()])
    Place.objects.bulk_create([Place(inspection=made, node=node) for node in dict.fromkeys(new.places)])
    _run(made)
    current().about(_ref(made), places=len(new.places), checklist=new.checklist.code)
    return made


def _number(year: int) -> str:
    counter, _made = Counter.objects.select_for_update().get_or_create(name=f"inspection-{year}")
    counter.value += 1
    counter.save(update_fields=["value"])
    return f"J{year}-{counter.value:03d}"


def _refuse_plan(new: NewInspection) -> None:
    if new.kind not in Kind.values:
        raise Refused(_("“%(name)s” is not a kind of inspection") % {"name": new.kind}, field="kind", remedy=", ".join(Kind.values))
    if not new.places:
        raise Refused(_("No unit is named"), field="places", remedy=_("choose at least one"), code="no_place")
    if new.ends_on < new.starts_on:
        raise Refused(_("The end lies before the start"), field="ends_on", remedy=_("choose a later day"), code="span")
    if new.people < 1 or new.people > 50:
        raise Refused(
            _("%(count)s people on site cannot be") % {"count": new.people}, field="people", remedy=_("write a number from 1 to 50")
        )
    if new.checklist.is_closed or not new.checklist.items.exists():
        raise Refused(_("The check list is closed or empty"), field="checklist", remedy=_("choose another"), code="empty")
    closed = next((node for node in new.places if node.closed_on is not None and node.closed_on <= new.starts_on), None)
    if closed is not None:
        raise Refused(_("%(name)s is closed") % {"name": closed.name}, field="places", remedy=_("choose its successor"), code="closed")


def _begin(by: Actor, inspection: Inspection, *stages: str) -> Inspection:
    """Lock it, and refuse where its stage does not allow the step."""
    policies.require_run(by, inspection)
    locked = Inspection.objects.select_for_update(of=("self",)).select_related("node", "checklist").get(pk=inspection.pk)
    if locked.stage not in stages:
        what = _("The inspection is now: %(stage)s") % {"stage": locked.get_stage_display()}
        raise Conflict(what, remedy=_("look at it again"), code="stage")
    return locked


@act("inspections.run")
def run_over_records(*, by: Actor, inspection: Inspection) -> int:
    """Ask the records again; what was answered on site stays. Returns how many answers changed."""
    locked = _begin(by, inspection, *RUNNING)
    changed = _run(locked)
    current().about(_ref(locked), changed=changed)
    return changed


def _run(inspection: Inspection) -> int:
    places, items = list(inspection.places.select_related("node")), [item for item in inspection.items.all() if item.rule_code]
    found = said([place.node for place in places], {item.rule_code for item in items}, inspection.year, clock.today())
    known = {(row.place_id, row.item_id): row for row in Answer.objects.filter(place__in=places)}
    fresh, changed, now = [], [], clock.now()
    for place in places:
        for item in items:
            one, old = found[place.node_id, item.rule_code], known.get((place.pk, item.pk))
            if old is None:
                fresh.append(Answer(place=place, item=item, state=one.state, content=one.stored(), at=now))
            elif not old.is_on_site and (old.state, old.content) != (one.state, one.stored()):
                old.state, old.content, old.at = one.state, one.stored(), now
                changed.append(old)
    Answer.objects.bulk_create(fresh, batch_size=1000)
    Answer.objects.bulk_update(changed, ["state", "content", "at"], batch_size=500)
    inspection.places.update(ran_at=now)
    return len(fresh) + len(changed)


@act("inspections.change")
def change(*, by: Actor, inspection: Inspection, starts_on: date, ends_on: date) -> Inspection:
    """Move an inspection in time."""
    locked = _begin(by, inspection, *RUNNING)
    if ends_on < starts_on:
        raise Refused(_("The end lies before the start"), field="ends_on", remedy=_("choose a later day"), code="span")
    locked.starts_on, locked.ends_on = starts_on, ends_on
    locked.save(update_fields=["starts_on", "ends_on"])
    outside = locked.places.filter(combined_with=None, visit_on__isnull=False).exclude(visit_on__range=(starts_on, ends_on))
    undone = outside.update(visit_on=None)  # a day that lies outside now is no day any more
    current().about(_ref(locked), starts_on=str(starts_on), ends_on=str(ends_on), visits_without_a_day=undone)
    return locked


@act("inspections.visit")
def set_visit(*, by: Actor, place: Place, on: date | None) -> Place:
    """The day on which a place is visited; none takes the day away."""
    locked = _begin(by, place.inspection, *RUNNING)
    if on is not None and not locked.starts_on <= on <= locked.ends_on and place.combined_with_id is None:
        what = _("%(day)s lies outside the inspection") % {"day": on}
        raise Refused(
            what,
            field="visit_on",
            remedy=_("choose a day from %(first)s to %(last)s") % {"first": locked.starts_on, "last": locked.ends_on},
        )
    place.visit_on = on
    place.save(update_fields=["visit_on"])
    current().about(_ref(locked), place=place.node_id, visit_on=str(on or ""))
    return place


@act("inspections.combine")
def combine(*, by: Actor, place: Place, other: Place) -> Place:
    """One visit for two inspections: the other's day holds, and what it asks already is not asked again."""
    locked = _begin(by, place.inspection, Stage.DRAFT)
    access.require(by, VIEW, other.inspection.node, view=VIEW)
    if other.node_id != place.node_id or other.inspection_id == place.inspection_id or other.inspection.stage not in RUNNING:
        raise Refused(_("The two visits are not at the same unit"), field="other", remedy=_("choose one of the list"), code="other_unit")
    if other.combined_with_id is not None:
        raise Refused(_("That visit is itself combined with another"), field="other", remedy=_("choose the other one"), code="chain")
    place.combined_with, place.visit_on = other, queries.day_of(other)
    place.save(update_fields=["combined_with", "visit_on"])
    current().about(_ref(locked), place=place.node_id, combined_with=other.inspection_id)
    return place


@act("inspections.separate")
def separate(*, by: Actor, place: Place) -> Place:
    """Two visits after all."""
    locked = _begin(by, place.inspection, Stage.DRAFT)
    place.combined_with, place.visit_on = None, None
    place.save(update_fields=["combined_with", "visit_on"])
    current().about(_ref(locked), place=place.node_id, separated=True)
    return place


@act("inspections.issue")
def issue(*, by: Actor, inspection: Inspection, seen: str) -> Inspection:
    """Issue it: units see what will be asked and what records say. `seen` is the digest of the cost that the planner saw."""
    locked = _begin(by, inspection, Stage.DRAFT)
    _run(locked)
    sheet, today = queries.sheet_of(locked), clock.today()
    cost = queries.cost_of(sheet, today)
    if cost.digest != seen:
        raise Conflict(_("What it costs the units has changed since you looked"), remedy=_("look at it again"), code="seen")
    locked.stage, locked.issued_on, locked.issued_label, locked.hours = Stage.ISSUED, today, by.label, cost.hours
    locked.save(update_fields=["stage", "issued_on", "issued_label", "hours"])
    _tell(locked, sheet.places)
    current().about(_ref(locked), hours=cost.hours, places=len(sheet.places))
    return locked


def _tell(inspection: Inspection, places: Sequence[Place]) -> None:
    """The leaders of every place, once each."""
    told: set[str] = set()
    for place in places:
        posts = organization.leading_posts(place.node).values_list("pk", flat=True)
        for rows in organization.serving(posts, clock.today()).values():
            for row in rows:
                uid = str(row.person.account.uid) if row.person.account else ""
                if uid and uid not in told and uid != str(current().by.uid):
                    told.add(uid)
                    text = _("“%(title)s” comes to %(unit)s: see what will be asked and what your records say already")
                    params = {"url": reverse("inspections:place", args=[place.pk])}
                    about = Reference("inspection_place", str(place.pk))
                    current().tell(Message(uid, "inspection", text % {"title": inspection.title, "unit": place.node.name}, about, params))


@act("inspections.cancel")
def cancel(*, by: Actor, inspection: Inspection, reason: str) -> Inspection:
    """It does not take place; visits that were combined with it stand alone again."""
    locked = _begin(by, inspection, *RUNNING)
    locked.stage, locked.cancelled_reason = Stage.CANCELLED, _text(reason, "reason")
    locked.save(update_fields=["stage", "cancelled_reason"])
    Place.objects.filter(combined_with__inspection=locked).update(combined_with=None)
    current().about(_ref(locked), why=locked.cancelled_reason)
    return locked


# on site


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen on site of one item; a problem says what."""

    state: str
    note: str = ""
    pace: str = Pace.WITHIN_LIMIT


@act("inspections.answer")
def answer(*, by: Actor, place: Place, item: Item, seen: Seen) -> Answer:
    """Answer an item on site; a problem becomes a row of the problem list at once."""
    locked = _begin(by, place.inspection, Stage.ISSUED)
    if item.inspection_id != locked.pk:
        raise Refused(_("The item is of another inspection"), field="item", remedy=_("look at it again"), code="item")
    if seen.state not in ON_SITE:
        raise Refused(_("“%(name)s” is not an answer") % {"name": seen.state}, field="state", remedy=", ".join(ON_SITE))
    if not queries.sheet_of(locked, [place]).is_left(place, item):
        raise Conflict(_("Records answer this already, or a combined visit asks it"), remedy=_("look at it again"), code="not_left")
    note = _text(seen.note, "note", MAX_TEXT) if seen.state == Found.PROBLEM else seen.note.strip()[:MAX_NOTE]
    made, _made = Answer.objects.update_or_create(
        place=place, item=item, defaults={"state": seen.state, "is_on_site": True, "note": note, "by_label": by.label, "at": clock.now()}
    )
    if seen.state == Found.PROBLEM and not place.findings.filter(item=item, withdrawn_on__isnull=True).exists():
        note_finding(by=by, place=place, new=NewFinding(note, seen.pace, item))
    current().about(_ref(locked), place=place.node_id, item=item.pk, state=seen.state)
    return made


@dataclass(frozen=True, slots=True)
class NewFinding:
    """A problem: what, how it is to be mended, of which item, and why it came."""

    text: str
    pace: str = Pace.WITHIN_LIMIT
    item: Item | None = None
    cause: str = ""


@act("inspections.find")
def note_finding(*, by: Actor, place: Place, new: NewFinding) -> Finding:
    """Add a row to the problem list of a place."""
    locked = _begin(by, place.inspection, Stage.ISSUED)
    if new.pace not in Pace.values:
        raise Refused(_("“%(name)s” is not a class of rectification") % {"name": new.pace}, field="pace", remedy=", ".join(Pace.values))
    if new.item is not None and new.item.inspection_id != locked.pk:
        raise Refused(_("The item is of another inspection"), field="item", remedy=_("look at it again"), code="item")
    made = Finding.objects.create(
        place=place,
        item=new.item,
        text=_text(new.text, "text"),
        cause=new.cause.strip()[:200],
        pace=new.pace,
        found_on=clock.today(),
        by_label=by.label,
    )
    current().about(Reference("finding", str(made.pk)), inspection=locked.code, pace=new.pace)
    return made


def _finding(by: Actor, finding: Finding) -> Finding:
    """Lock a finding that still needs a matter."""
    policies.require_run(by, finding.place.inspection)
    locked = Finding.objects.select_for_update(of=("self",)).select_related("place__node", "place__inspection__node").get(pk=finding.pk)
    if not locked.needs_matter:
        raise Conflict(_("The finding has a matter or was withdrawn"), remedy=_("look at it again"), code="state")
    return locked


@act("inspections.withdraw")
def withdraw_finding(*, by: Actor, finding: Finding, reason: str) -> Finding:
    """It was no problem after all; it stays readable with the reason."""
    locked = _finding(by, finding)
    locked.withdrawn_on, locked.withdrawn_reason = clock.today(), _text(reason, "reason")
    locked.save(update_fields=["withdrawn_on", "withdrawn_reason"])
    current().about(Reference("finding", str(locked.pk)), why=locked.withdrawn_reason)
    return locked


@act("inspections.comment")
def comment(*, by: Actor, finding: Finding, text: str) -> Finding:
    """The inspected unit's own word on a finding."""
    policies.require_comment(by, finding.place)
    locked = Finding.objects.select_for_update(of=("self",)).get(pk=finding.pk)
    locked.comment, locked.comment_label, locked.comment_on = _text(text, "comment", MAX_NOTE), by.label, clock.today()
    locked.save(update_fields=["comment", "comment_label", "comment_on"])
    current().about(Reference("finding", str(locked.pk)), commented=True)
    return locked


@act("inspections.rectify")
def rectify(*, by: Actor, finding: Finding, due_on: date, parts: ledger.Parts) -> Matter:
    """整改: the finding becomes a matter with a leader and a handler; the ledger follows it to its closing and the look-back."""
    locked = _finding(by, finding)
    lead = locked.place.node
    new = ledger.NewMatter(
        _("Mend: %(text)s") % {"text": locked.text} if len(locked.text) < 180 else locked.text[:200], Side.PARTY if not lead.is_business else Side.BOTH,
        lead, due_on, parts, _partner(lead), detail=locked.cause, standard=str(locked.get_pace_display()), origin=Origin.RECTIFICATION,
        record=Reference("finding", str(locked.pk)), starts_on=min(clock.today(), due_on),
    )  # fmt: skip
    made = ledger.deploy(by=by, new=new)
    locked.matter = made
    locked.save(update_fields=["matter"])
    current().about(Reference("finding", str(locked.pk)), matter=made.code)
    return made


def _partner(node: Node) -> Node | None:
    """The unit of an organisation, or the organisation of a unit, where there is exactly one of its own."""
    near, far = ("unit", "party") if node.is_business else ("party", "unit")
    rows = list(TreeLink.objects.on(clock.today()).filter(kind="own", **{near: node}).select_related(far)[:2])
    return getattr(rows[0], far) if len(rows) == 1 else None


@act("inspections.close")
def close(*, by: Actor, inspection: Inspection) -> Inspection:
    """Everything was answered, every finding is a matter or withdrawn; the matters go on in the ledger."""
    locked = _begin(by, inspection, Stage.ISSUED)
    left = queries.sheet_of(locked).open_count
    if left:
        what = _("%(count)s items are not answered on site yet") % {"count": left}
        raise Refused(what, remedy=_("answer them; “cannot be told” is an answer"), code="left")
    loose = Finding.objects.filter(place__inspection=locked, matter__isnull=True, withdrawn_on__isnull=True).first()
    if loose is not None:
        raise Refused(
            _("“%(text)s” has nobody who mends it") % {"text": loose.text},
            remedy=_("assign it, or withdraw it with a reason"),
            code="loose",
        )
    locked.stage, locked.closed_on = Stage.CLOSED, clock.today()
    locked.save(update_fields=["stage", "closed_on"])
    current().about(_ref(locked), closed=True)
    return locked
