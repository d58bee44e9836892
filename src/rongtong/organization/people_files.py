"""Files of people, posts and appointments."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongtong.exchange.importing import Plan, Row
from rongtong.kernel.act import Actor
from rongtong.organization import actions
from rongtong.organization.columns import APPOINTMENTS, PEOPLE, POSTS
from rongtong.organization.file_kinds import FileKind, Span, Stored, Values, in_chunks, meets
from rongtong.organization.models import Appointment, AppointmentKind, MemberKind, Person, Post
from rongtong.trees.models import Node, Tree
from rongtong.trees.paths import pinyin_of

BATCH = 2000


def _stored_people() -> dict[Any, Stored]:
    names = ("code", "name", "member_kind", "joined_on")
    rows = Person.objects.order_by().values_list("pk", *names)
    return {row[1]: Stored(row[0], dict(zip(names, row[1:], strict=True))) for row in rows}


def _check_people(plan: Plan, rows: list[Row], stored: dict[Any, Stored]) -> None:
    for row in rows:
        if row["joined_on"] and row["member_kind"] not in {MemberKind.FORMAL, MemberKind.PROBATIONARY}:
            what = _("Only members have a day on which they joined")
            plan.refuse(row, "joined_on", what, _("leave the day empty or correct the kind of member"))


def write_people(by: Actor, rows: list[Values]) -> list[int]:
    """Add people."""
    people = [
        Person(
            code=row["code"], name=row["name"], pinyin=pinyin_of(row["name"]), member_kind=row["member_kind"] or MemberKind.NONE,
            joined_on=row["joined_on"],
        )
        for row in rows
    ]  # fmt: skip
    return [person.pk for person in Person.objects.bulk_create(people, batch_size=BATCH)]


def _change_people(by: Actor, changes: list[tuple[int, Values]]) -> None:
    wanted = dict(changes)
    people = list(Person.objects.filter(pk__in=wanted))
    for person in people:
        for name, value in wanted[person.pk].items():
            setattr(person, name, value)
        person.pinyin = pinyin_of(person.name)
    Person.objects.bulk_update(people, ["name", "pinyin", "member_kind", "joined_on"], batch_size=500)


def _tree_of(kind: str) -> str:
    return Tree.PARTY if kind in actions.PARTY_POST_KINDS else Tree.BUSINESS


def _stored_posts() -> dict[Any, Stored]:
    names = ("code", "name", "node_code", "kind")
    rows = Post.objects.order_by().values_list("pk", "code", "name", "node__code", "kind")
    return {row[1]: Stored(row[0], dict(zip(names, row[1:], strict=True))) for row in rows}


def _check_posts(plan: Plan, rows: list[Row], stored: dict[Any, Stored]) -> None:
    known = {(tree, code): closed for tree, code, closed in Node.objects.order_by().values_list("tree", "code", "closed_on")}
    for row in rows:
        where = (_tree_of(row["kind"]), row["node_code"])
        if where not in known:
            what = _("There is no node %(code)s in the tree of this kind of post") % {"code": row["node_code"]}
            plan.refuse(row, "node_code", what, _("Party posts hang at Party organisations, the others at units"))
        elif known[where] is not None:
            plan.refuse(row, "node_code", _("%(code)s is closed") % {"code": row["node_code"]}, _("choose an open one"))


def write_posts(by: Actor, rows: list[Values]) -> list[int]:
    """Open posts from the day their node was opened."""
    nodes = {(node.tree, node.code): node for node in Node.objects.order_by()}
    made = []
    for row in rows:
        node = nodes[_tree_of(row["kind"]), row["node_code"]]
        made.append(Post(code=row["code"], name=row["name"], node=node, kind=row["kind"], opened_on=node.opened_on))
    return [post.pk for post in Post.objects.bulk_create(made, batch_size=BATCH)]


def _change_posts(by: Actor, changes: list[tuple[int, Values]]) -> None:
    for pk, values in changes:
        Post.objects.filter(pk=pk).update(**values)


def _stored_appointments() -> dict[Any, Stored]:
    names = ("pk", "person__code", "post__code", "kind", "starts_on", "ends_on")
    found = {}
    for pk, person, post, kind, starts_on, ends_on in Appointment.objects.order_by().values_list(*names):
        values = {"person_code": person, "post_code": post, "kind": kind, "starts_on": starts_on, "ends_on": ends_on}
        found[person, post, starts_on] = Stored(pk, values)
    return found


def _prepare(rows: list[Row]) -> None:
    for row in rows:
        if row["kind"] is None:
            row.values["kind"] = AppointmentKind.FORMAL.value


def _check_appointments(plan: Plan, rows: list[Row], stored: dict[Any, Stored]) -> None:
    people = set(Person.objects.values_list("code", flat=True))
    posts = {code: (opened, closed) for code, opened, closed in Post.objects.order_by().values_list("code", "opened_on", "closed_on")}
    spans: dict[str, list[tuple[Span, int]]] = defaultdict(list)
    for record in stored.values():
        if record.values["kind"] == AppointmentKind.FORMAL:
            spans[record.values["post_code"]].append(((record.values["starts_on"], record.values["ends_on"]), 0))
    for row in rows:
        for column, known in (("person_code", people), ("post_code", posts)):
            if row[column] not in known:
                plan.refuse(row, column, _("“%(code)s” is not known") % {"code": row[column]}, _("import it first or correct the code"))
        opened, closed = posts.get(row["post_code"], (None, None))
        if (opened and row["starts_on"] < opened) or (closed and (row["ends_on"] is None or row["ends_on"] > closed)):
            what = _("The post is open from %(opened)s to %(closed)s") % {"opened": opened, "closed": closed or "…"}
            plan.refuse(row, "starts_on", what, _("correct the dates"))
        _check_span(plan, row, spans)


def _check_span(plan: Plan, row: Row, spans: dict[str, list[tuple[Span, int]]]) -> None:
    span = (row["starts_on"], row["ends_on"])
    if span[1] is not None and span[1] <= span[0]:
        plan.refuse(row, "ends_on", _("The appointment ends before it begins"), _("correct one of the two dates"))
        return
    if row["kind"] != AppointmentKind.FORMAL:
        return
    clash = next((number for other, number in spans[row["post_code"]] if meets(span, other)), None)
    if clash is not None:
        where = _("row %(row)d") % {"row": clash} if clash else _("a stored appointment")
        plan.refuse(row, "starts_on", _("Overlaps %(where)s of the same post") % {"where": where}, _("end one, or make it acting"))
    spans[row["post_code"]].append((span, row.number))


def write_appointments(by: Actor, rows: list[Values]) -> list[int]:
    """Appoint people; rights of those with accounts follow."""
    people = {person.code: person for person in Person.objects.select_related("account").order_by()}
    posts = {post.code: post for post in Post.objects.order_by()}
    made = [
        Appointment(
            person=people[row["person_code"]], post=posts[row["post_code"]], kind=row["kind"] or AppointmentKind.FORMAL,
            starts_on=row["starts_on"], ends_on=row["ends_on"],
        )
        for row in rows
    ]  # fmt: skip
    Appointment.objects.bulk_create(made, batch_size=BATCH)
    _refresh(by, (row.person for row in made))
    return [row.pk for row in made]


def _refresh(by: Actor, people: Iterable[Person]) -> None:
    actions.refresh_rights(by, {person.pk: person for person in people if person.account_id}.values())


def _change_appointments(by: Actor, changes: list[tuple[int, Values]]) -> None:
    for pk, values in changes:
        Appointment.objects.filter(pk=pk).update(**values)
    touched = Appointment.objects.filter(pk__in=[pk for pk, _values in changes]).select_related("person__account")
    _refresh(by, [row.person for row in touched])


def _remove_appointments(by: Actor, ids: list[int]) -> None:
    people = list(Person.objects.filter(appointments__in=ids, account__isnull=False).select_related("account").distinct())
    for chunk in in_chunks(ids):
        Appointment.objects.filter(pk__in=chunk).delete()
    _refresh(by, people)


def _remover(model: Any) -> Any:
    def remove(by: Actor, ids: list[int]) -> None:
        for chunk in in_chunks(ids):
            model.objects.filter(pk__in=chunk).delete()

    return remove


_OTHER_POST = gettext_lazy("close the post on its page and open another")
_ANEW = gettext_lazy("end the stored appointment on the page and add another")
PERSON_FILE = FileKind(
    "people", gettext_lazy("People"), PEOPLE, lambda row: row["code"], _stored_people, _check_people, write_people, _change_people,
    _remover(Person),
)  # fmt: skip
POST_FILE = FileKind(
    "posts", gettext_lazy("Posts"), POSTS, lambda row: row["code"], _stored_posts, _check_posts, write_posts, _change_posts, _remover(Post),
    {"node_code": _OTHER_POST, "kind": _OTHER_POST},
)  # fmt: skip
APPOINTMENT_FILE = FileKind(
    "appointments", gettext_lazy("Appointments"), APPOINTMENTS, lambda row: (row["person_code"], row["post_code"], row["starts_on"]),
    _stored_appointments, _check_appointments, write_appointments, _change_appointments, _remove_appointments,
    {"kind": _ANEW, "ends_on": _ANEW}, _prepare,
)  # fmt: skip
