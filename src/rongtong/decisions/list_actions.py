"""Acts on lists and roles: draft from the shipped template or the version before, edit the draft, approve by two persons, review every year."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from rongtong.access import policies as access
from rongtong.decisions import consequences, queries
from rongtong.decisions.models import Body, Category, Limit, ListItem, MatterList, Metric, Operator, Review, Role, RoleRow, Treatment
from rongtong.decisions.policies import RUN, VIEW
from rongtong.kernel import clock
from rongtong.kernel.act import Actor, act, current
from rongtong.kernel.errors import Conflict, NotAllowed, Refused
from rongtong.kernel.reference import Reference
from rongtong.trees.models import Node

MAX_TITLE = 200


def _ref(found: MatterList) -> Reference:
    return Reference("decision_list", str(found.pk))


def template() -> dict[str, Any]:
    """The list shipped as data: categories, items, limits; each organisation changes its own copy."""
    return tomllib.loads(files("rongtong.decisions").joinpath("data/list.toml").read_text(encoding="utf-8"))


@act("decisions.draft_list")
def draft_list(*, by: Actor, node: Node, title: str, starts_on: date) -> MatterList:
    """Start the next version: a copy of the one before, or of the shipped template where there is none."""
    access.require(by, RUN, node, view=VIEW)
    if node.is_business:
        raise Refused(_("A list belongs to a Party organisation"), field="node", remedy=_("name the organisation of the unit"))
    before = node.decision_lists.order_by("-number").first()
    try:
        with transaction.atomic():
            made = MatterList.objects.create(
                node=node, number=before.number + 1 if before else 1, title=_text(title, "title", 120), starts_on=starts_on,
                net_assets_fen=before.net_assets_fen if before else None, drafted_label=by.label,
            )  # fmt: skip
    except IntegrityError as twice:
        raise Conflict(_("There is a draft already"), remedy=_("finish it or drop it"), code="draft") from twice
    _copy(before, made) if before else _from_template(made)
    current().about(_ref(made), node=node.code, number=made.number, items=made.items.count())
    return made


def _copy(before: MatterList, made: MatterList) -> None:
    names = ("position", "category", "treatment", "title", "title_en", "body", "needs_legal", "needs_staff_congress")
    for item in before.items.prefetch_related("limits"):
        copied = ListItem.objects.create(list=made, **{name: getattr(item, name) for name in names})
        rows = [Limit(item=copied, metric=r.metric, operator=r.operator, value=r.value, body=r.body) for r in item.limits.all()]
        Limit.objects.bulk_create(rows)


def _from_template(made: MatterList) -> None:
    for position, row in enumerate(template()["item"], start=1):
        item = ListItem.objects.create(
            list=made, position=position, category=row["category"], treatment=row["treatment"], title=row["title"], title_en=row["title_en"],
            body=row["body"], needs_legal=row.get("legal", False), needs_staff_congress=row.get("staff_congress", False),
        )  # fmt: skip
        limits = row.get("limit", [])
        Limit.objects.bulk_create([Limit(item=item, metric=m, operator=o, value=v, body=b) for m, o, v, b in limits])


def _text(value: str, field: str, most: int = MAX_TITLE) -> str:
    text = value.strip()
    if not text or len(text) > most:
        what = _("The text is empty or longer than %(most)s characters") % {"most": most}
        raise Refused(what, field=field, remedy=_("say it in a sentence"))
    return text


def _draft(by: Actor, found: MatterList) -> MatterList:
    """Lock a list that may still be changed."""
    access.require(by, RUN, found.node, view=VIEW)
    locked = MatterList.objects.select_for_update(of=("self",)).select_related("node").get(pk=found.pk)
    if locked.approved_on is not None:
        raise Conflict(_("The list is approved and is not changed any more"), remedy=_("draft the next version"), code="approved")
    return locked


def _unapprove(found: MatterList) -> None:
    """Whoever approved first approved another text."""
    if found.first_by:
        found.first_by, found.first_label, found.first_on = "", "", None
        found.save(update_fields=["first_by", "first_label", "first_on"])


@act("decisions.change_list")
def change_list(*, by: Actor, found: MatterList, title: str, starts_on: date, net_assets_fen: int | None) -> MatterList:
    """Name, first day and net assets of a draft."""
    locked = _draft(by, found)
    if net_assets_fen is not None and net_assets_fen <= 0:
        raise Refused(_("Net assets are not above zero"), field="net_assets", remedy=_("leave them empty where they are not known"))
    locked.title, locked.starts_on, locked.net_assets_fen = _text(title, "title", 120), starts_on, net_assets_fen
    locked.save(update_fields=["title", "starts_on", "net_assets_fen"])
    _unapprove(locked)
    current().about(_ref(locked), starts_on=str(starts_on), net_assets_fen=net_assets_fen)
    return locked


@dataclass(frozen=True, slots=True)
class ItemText:
    """What an item of a list says."""

    category: str
    treatment: str
    title: str
    body: str
    title_en: str = ""
    needs_legal: bool = False
    needs_staff_congress: bool = False


@act("decisions.put_item")
def put_item(*, by: Actor, found: MatterList, text: ItemText, item: ListItem | None = None) -> ListItem:
    """Add an item to a draft, or change one of its items."""
    locked = _draft(by, found)
    _refuse_item(text)
    values: Mapping[str, Any] = {
        "category": text.category, "treatment": text.treatment, "title": _text(text.title, "title"), "title_en": text.title_en.strip()[:MAX_TITLE],
        "body": text.body, "needs_legal": text.needs_legal, "needs_staff_congress": text.needs_staff_congress,
    }  # fmt: skip
    if item is None:
        last = locked.items.order_by("-position").first()
        made = ListItem.objects.create(list=locked, position=last.position + 1 if last else 1, **values)
    else:
        made = _own(locked, item)
        for name, value in values.items():
            setattr(made, name, value)
        made.save(update_fields=list(values))
    _unapprove(locked)
    current().about(_ref(locked), item=made.title)
    return made


def _own(locked: MatterList, item: ListItem) -> ListItem:
    if item.list_id != locked.pk:
        raise Refused(_("The item is of another list"), field="item", remedy=_("look at it again"), code="item")
    return item


def _refuse_item(text: ItemText) -> None:
    known = ((text.category, Category, "category"), (text.treatment, Treatment, "treatment"), (text.body, Body, "body"))
    for value, words, field in known:
        if value not in words.values:
            raise Refused(_("“%(name)s” is not known") % {"name": value}, field=field, remedy=", ".join(words.values))
    if (text.treatment == Treatment.OWN) != (text.body == Body.COMMITTEE):
        what = _("The committee decides its own matters, and only those")
        raise Refused(what, field="body", remedy=_("choose who decides after the pre-study, or let the committee decide it"), code="body")


@act("decisions.drop_item")
def drop_item(*, by: Actor, found: MatterList, item: ListItem) -> MatterList:
    """Take an item out of a draft."""
    locked = _draft(by, found)
    _own(locked, item).limits.all().delete()
    item.delete()
    _unapprove(locked)
    current().about(_ref(locked), dropped=item.title)
    return locked


@act("decisions.put_limit")
def put_limit(*, by: Actor, item: ListItem, metric: str, operator: str, value: int, body: str) -> Limit:
    """Add a threshold to an item of a draft: from there on the matter is listed and this body decides."""
    locked = _draft(by, item.list)
    for given, words, field in ((metric, Metric, "metric"), (operator, Operator, "operator"), (body, Body, "body")):
        if given not in words.values:
            raise Refused(_("“%(name)s” is not known") % {"name": given}, field=field, remedy=", ".join(words.values))
    if value < 0:
        raise Refused(_("%(value)s is below zero") % {"value": value}, field="value", remedy=_("write the limit as a positive number"))
    try:
        with transaction.atomic():
            made = Limit.objects.create(item=item, metric=metric, operator=operator, value=value, body=body)
    except IntegrityError as twice:
        raise Conflict(_("This limit stands already"), remedy=_("look at it again"), code="twice") from twice
    _unapprove(locked)
    current().about(_ref(locked), item=item.title, metric=metric, value=value, body=body)
    return made


@act("decisions.drop_limit")
def drop_limit(*, by: Actor, limit: Limit) -> MatterList:
    """Take a threshold out of a draft."""
    locked = _draft(by, limit.item.list)
    limit.delete()
    _unapprove(locked)
    current().about(_ref(locked), dropped=str(limit))
    return locked


@act("decisions.drop_draft")
def drop_draft(*, by: Actor, found: MatterList) -> Node:
    """Give a draft up; nothing refers to it yet."""
    locked = _draft(by, found)
    current().about(_ref(locked), dropped=locked.number)
    Limit.objects.filter(item__list=locked).delete()
    locked.items.all().delete()
    locked.delete()
    return found.node


@act("decisions.approve_list")
def approve_list(*, by: Actor, found: MatterList) -> MatterList:
    """Approve; the second approval is by another person, and from its first day the version before ends."""
    locked = _draft(by, found)
    if not locked.items.exists():
        raise Refused(_("The list has no item"), field="title", remedy=_("add the matters first"), code="empty")
    today = clock.today()
    if not locked.first_by:
        locked.first_by, locked.first_label, locked.first_on = str(by.uid), by.label, today
        locked.save(update_fields=["first_by", "first_label", "first_on"])
    elif locked.first_by == str(by.uid):
        raise NotAllowed("approved_first")
    else:
        _put_in_force(by, locked, today)
    current().about(_ref(locked), approved=bool(locked.second_by))
    return locked


def _put_in_force(by: Actor, locked: MatterList, today: date) -> None:
    before = MatterList.objects.filter(node=locked.node, approved_on__isnull=False, ends_on__isnull=True).order_by("-number").first()
    if before is not None and (locked.starts_on < today or locked.starts_on <= before.starts_on):
        what = _("The list would hold from %(day)s, before today or before the version it follows") % {"day": locked.starts_on}
        raise Refused(what, field="starts_on", remedy=_("choose today or a later day"), code="backdated")
    if before is not None:
        before.ends_on = locked.starts_on
        before.save(update_fields=["ends_on"])
    locked.second_by, locked.second_label, locked.approved_on = str(by.uid), by.label, today
    locked.save(update_fields=["second_by", "second_label", "approved_on"])
    consequences.at(locked.node_id)


@act("decisions.review_list")
def review_list(*, by: Actor, found: MatterList, keeps: bool, note: str = "") -> Review:
    """The yearly look through: it stays, or the next version is to be drafted."""
    access.require(by, RUN, found.node, view=VIEW)
    if found.approved_on is None:
        raise Conflict(_("The list is a draft"), remedy=_("have it approved first"), code="draft")
    if not keeps and not note.strip():
        raise Refused(_("There is no reason"), field="note", remedy=_("say in a sentence what is to be changed"), code="reason")
    made = Review.objects.create(list=found, on=clock.today(), keeps=keeps, note=note.strip()[:300], by_uid=str(by.uid), by_label=by.label)
    consequences.at(found.node_id)
    current().about(_ref(found), reviewed=str(made.on), keeps=keeps)
    return made


@dataclass(frozen=True, slots=True)
class RoleText:
    """What is set for an organisation; role empty: as the default says with the power that was given."""

    role: str = ""
    is_delegated: bool = False
    reason: str = ""
    document: str = ""


@act("decisions.set_role")
def set_role(*, by: Actor, node: Node, text: RoleText, on: date) -> RoleRow:
    """Set the decision role of an organisation from a day on, with the reason; the row before ends."""
    access.require(by, RUN, node, view=VIEW)
    if node.is_business or (text.role and text.role not in Role.values):
        raise Refused(_("“%(name)s” is not known") % {"name": text.role or node.name}, field="role", remedy=", ".join(Role.values))
    reason = _text(text.reason, "reason", 300)
    later = RoleRow.objects.filter(node=node, starts_on__gte=on).order_by("starts_on").first()
    if later is not None:
        what = _("A row from %(day)s stands already") % {"day": later.starts_on}
        raise Refused(what, field="on", remedy=_("choose a later day"), code="later")
    RoleRow.objects.filter(node=node, ends_on__isnull=True).update(ends_on=on)
    made = RoleRow.objects.create(
        node=node, role=text.role, is_delegated=text.is_delegated, reason=reason, document=text.document.strip()[:80], starts_on=on,
        set_by=str(by.uid), set_label=by.label,
    )  # fmt: skip
    consequences.at(node.pk)
    current().about(Reference("node", str(node.pk)), role=queries.role_at(node, on).role, why=reason)
    return made
