"""The clock says each thing once, also when it was asleep or runs twice."""

from datetime import date, timedelta

import pytest
from tests.town import TODAY, Town

from rongtong.kernel.act import SYSTEM
from rongtong.ledger import actions, collectors, queries, reminding
from rongtong.ledger.actions import Ask, NewMatter, Parts
from rongtong.ledger.models import Matter, Told
from rongtong.ledger.states import Light
from rongtong.notifications.models import Note
from rongtong.organization.models import Appointment

DUE = TODAY + timedelta(days=20)


def matter(town: Town, title: str = "查", **changes: object) -> Matter:
    parts = Parts(town.secretary, town.deputy)
    return actions.deploy(by=town.zhou, new=NewMatter(title, "both", town.shop, DUE, parts, town.branch, **changes))  # type: ignore[arg-type]


def kinds_told() -> list[str]:
    return sorted(Note.objects.exclude(kind="matter").values_list("kind", flat=True))


def test_each_reminder_goes_out_once(town: Town) -> None:
    matter(town)
    assert reminding.remind(by=SYSTEM, on=TODAY) == 0
    assert reminding.remind(by=SYSTEM, on=TODAY + timedelta(days=3)) == 2  # not acknowledged: handler and leader
    assert reminding.remind(by=SYSTEM, on=TODAY + timedelta(days=3)) == 0
    assert reminding.remind(by=SYSTEM, on=DUE - timedelta(days=7)) == 1  # due soon: the handler
    assert reminding.remind(by=SYSTEM, on=DUE + timedelta(days=1)) == 2  # overdue: both
    assert reminding.remind(by=SYSTEM, on=DUE + timedelta(days=300)) == 0
    assert kinds_told() == ["overdue", "overdue", "reminder", "reminder", "reminder"]


def test_after_downtime_everything_is_said_once(town: Town) -> None:
    for number in range(50):
        matter(town, f"第{number}项")
    first = reminding.remind(by=SYSTEM, on=DUE + timedelta(days=30))
    assert first == 200  # late and not acknowledged, to both
    assert reminding.remind(by=SYSTEM, on=DUE + timedelta(days=30)) == 0
    assert Told.objects.count() == 100


def test_silence_is_told_to_both_leaders(town: Town) -> None:
    actions.ask(by=town.zhou, new=Ask("支援", town.shop, town.other, DUE))
    reminding.remind(by=SYSTEM, on=TODAY + timedelta(days=8))
    assert set(Note.objects.filter(kind="silent").values_list("to__username", flat=True)) == {"zhou", "chen"}


def test_whoever_leaves_hands_over(town: Town) -> None:
    matter(town)
    Appointment.objects.filter(post=town.deputy).update(ends_on=TODAY)
    reminding.remind(by=SYSTEM, on=TODAY)
    [note] = Note.objects.filter(kind="hand_over")
    assert note.to == town.zhou and "li left the post" in note.text


def test_look_back_after_ninety_days(town: Town) -> None:
    one = matter(town)
    actions.acknowledge(by=town.li, matter=one)
    actions.submit(by=town.li, matter=one, note="好")
    actions.close(by=town.zhou, matter=one)
    assert reminding.remind(by=SYSTEM, on=TODAY + timedelta(days=89)) == 0
    assert reminding.remind(by=SYSTEM, on=TODAY + timedelta(days=90)) == 1
    actions.look_back(by=town.zhou, matter=one)


@pytest.mark.parametrize(("days", "light"), [(8, Light.GREEN), (7, Light.YELLOW), (0, Light.YELLOW), (-1, Light.RED)])
def test_lights(town: Town, days: int, light: Light) -> None:
    one = matter(town)
    assert queries.light_of(one, DUE - timedelta(days=days), 7) == light
    shown = queries.filtered(queries.matters(town.zhou), queries.Filters(light=light), DUE - timedelta(days=days), 7)
    assert list(shown) == [one]


def test_the_closed_loop_by_hand(town: Town) -> None:
    """Three due: one on time, one returned and late, one open. 1/3 on time; mean of 0 and 0 days."""
    first, second, _third = matter(town, "a"), matter(town, "b"), matter(town, "c")
    for one in (first, second):
        actions.acknowledge(by=town.li, matter=one)
        actions.submit(by=town.li, matter=one, note="好")
    actions.close(by=town.zhou, matter=first)
    actions.send_back(by=town.zhou, matter=second, note="缺")
    actions.submit(by=town.li, matter=second, note="补")
    actions.close(by=town.zhou, matter=second)
    Matter.objects.filter(pk=second.pk).update(closed_on=DUE + timedelta(days=4))
    loop = queries.loop(queries.matters(town.zhou), TODAY, DUE + timedelta(days=1))
    assert (loop.due, loop.on_time, loop.closed, loop.returned) == (3, 1, 2, 1)
    assert loop.mean_days == pytest.approx((0 + 24) / 2)
    assert queries.loop(queries.matters(town.zhou), date(2020, 1, 1), date(2020, 2, 1)).mean_days is None


def test_collectors_count_what_is_due_and_are_silent_elsewhere(town: Town) -> None:
    one = matter(town, "整改", origin="rectification")
    nodes = [town.shop.pk, town.branch.pk, town.other.pk, town.group.pk]
    assert list(collectors.rectification(202612, nodes)) == [(town.branch.pk, 0.0, 1.0)]  # a Party figure stands at Party organisations
    Matter.objects.filter(pk=one.pk).update(state="closed", closed_on=DUE)
    assert (town.branch.pk, 1.0, 1.0) in list(collectors.rectification(202612, nodes))
    assert list(collectors.rectification(202601, nodes)) == []
    asked = actions.ask(by=town.zhou, new=Ask("支援", town.shop, town.other, DUE))
    assert list(collectors.answer_time(202611, nodes)) == []
    actions.answer(by=town.chen, matter=asked, choice="agreed")
    type(asked.request).objects.update(asked_on=TODAY - timedelta(days=4))
    assert set(collectors.answer_time(202611, nodes)) == {(n.pk, 4.0, 1.0) for n in (town.shop, town.other, town.group)}
