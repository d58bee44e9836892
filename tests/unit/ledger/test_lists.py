"""Marks by which figures lead to their records, a week's progress, many at once, saved views, look-backs, the closed loop as figures."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from tests.town import TODAY, Town, fresh

from rongtong.audit.models import Entry
from rongtong.indicators.collectors import collector_of, counted
from rongtong.kernel import clock
from rongtong.kernel.act import SYSTEM
from rongtong.kernel.errors import Conflict, NotAllowed, Refused, Unseen
from rongtong.kernel.reference import Reference
from rongtong.ledger import actions, many, queries, weekly
from rongtong.ledger.actions import NewMatter, Parts
from rongtong.ledger.many import Given
from rongtong.ledger.models import Evidence, Matter, Step, View
from rongtong.ledger.queries import Filters
from rongtong.ledger.weekly import Week

DUE = date(2026, 12, 20)


def matter(town: Town, title: str = "查", **changes: Any) -> Matter:
    given: dict[str, Any] = {"parts": Parts(town.secretary, town.deputy), "partner": town.branch} | changes
    return actions.deploy(by=town.zhou, new=NewMatter(title, "both", town.shop, DUE, **given))


def done(town: Town, title: str, **changes: Any) -> Matter:
    one = matter(town, title, **changes)
    actions.acknowledge(by=town.li, matter=one)
    actions.submit(by=town.li, matter=one, note="好了")
    return actions.close(by=town.zhou, matter=one, outcome="返工少了")


def shown(town: Town, **filters: Any) -> set[str]:
    rows = queries.filtered(queries.matters(fresh(town.office)), Filters(**filters), TODAY, 7)
    return set(rows.values_list("title", flat=True))


def test_every_mark_finds_what_its_figure_counts(town: Town) -> None:
    done(town, "按期")
    late = done(town, "逾期办结")
    Matter.objects.filter(pk=late.pk).update(closed_on=DUE + timedelta(days=3))
    back = matter(town, "退回")
    actions.acknowledge(by=town.li, matter=back)
    actions.submit(by=town.li, matter=back, note="好了")
    actions.send_back(by=town.zhou, matter=back, note="缺")
    for _time in range(3):
        actions.urge(by=town.zhou, matter=matter(town, "催")) if _time == 0 else actions.urge(
            by=town.zhou, matter=Matter.objects.get(title="催")
        )
    actions.void(by=town.zhou, matter=matter(town, "作废"), note="不办了")
    Matter.objects.filter(title="退回").update(reopened=1)
    assert shown(town, mark="on_time") == {"按期"}
    assert shown(town, mark="late") == {"逾期办结", "退回", "催"}
    assert shown(town, mark="returned") == {"退回"} == shown(town, mark="recurred")
    assert shown(town, mark="urged") == {"催"} == shown(town, mark="raised")
    assert shown(town, mark="result") == {"按期", "逾期办结"}
    assert shown(town, mark="counted") == {"按期", "逾期办结", "退回", "催"}
    loop = queries.loop(queries.matters(fresh(town.office)), TODAY, DUE + timedelta(days=1))
    assert (loop.on_time, loop.returned, loop.recurred, loop.urged) == (1, 1, 1, 1)  # the figures are the lists


def test_led_in_person_is_told_from_delegated(town: Town) -> None:
    """Urged by the leader; handled with own hands; only assigned and left to others."""
    led = matter(town, "亲自过问", is_personal=True)
    actions.urge(by=town.zhou, matter=led)
    matter(town, "交了就不管", is_personal=True)
    own = matter(town, "自己办", parts=Parts(town.head, town.head, town.deputy), is_personal=True, is_light=True)
    assert shown(town, mark="led") == {"亲自过问"}
    actions.acknowledge(by=town.zhou, matter=own)
    actions.report(by=town.zhou, matter=own, progress=50, note="亲自跑了两个班组")
    assert shown(town, mark="led") == {"亲自过问", "自己办"}
    assert shown(town, mark="personal") == {"亲自过问", "交了就不管", "自己办"}


def test_a_place_with_what_is_linked_to_it(town: Town) -> None:
    actions.deploy(by=town.zhou, new=NewMatter("党建事", "party", town.branch, DUE, Parts(town.secretary, town.deputy)))
    assert shown(town, node=town.shop) == set()
    assert shown(town, node=town.shop, is_linked=True) == {"党建事"}
    assert shown(town, node=town.branch, is_linked=True) == {"党建事"}
    assert shown(town, node=town.other, is_linked=True) == set()
    assert shown(town, origins=("instruction", "free")) == {"党建事"}


def test_a_week_has_three_lists_that_do_not_meet(town: Town) -> None:
    """Old one in hand, old one closed this week, a new one; of the week before only what was open then."""
    with clock.frozen(datetime(2026, 11, 10, 9, 0)):
        matter(town, "旧的")
        old = matter(town, "旧的办完")
        actions.acknowledge(by=town.li, matter=old)
    actions.submit(by=town.li, matter=old, note="办完了")
    actions.close(by=town.zhou, matter=old)
    matter(town, "新的")
    actions.create(by=town.zhou, new=NewMatter("草稿", "both", town.shop, DUE))
    rows = queries.matters(fresh(town.zhou))
    found = weekly.progress(rows, Week.of(TODAY), TODAY)
    assert ([m.title for m in found.came], [m.title for m in found.in_hand], [m.title for m in found.closed]) == (
        ["新的"],
        ["旧的"],
        ["旧的办完"],
    )
    assert (found.counts, found.late) == ((1, 1, 1), 0)
    before = weekly.progress(rows, Week.of(TODAY - timedelta(days=7)), TODAY)
    assert {m.title for m in before.in_hand} == {"旧的", "旧的办完"} and before.counts[0] == before.counts[2] == 0
    assert weekly.last_words([old], TODAY)[old.pk].note == "办完了"
    assert weekly.last_words([old], TODAY - timedelta(days=1)) == {}


def test_many_at_once_is_all_or_none(town: Town) -> None:
    rows = [matter(town, f"第{number}项") for number in range(3)]
    before = Entry.objects.count()
    assert many.step_many(by=town.zhou, matters=rows, code="urge", given=Given("快")) == 3
    assert Entry.objects.count() == before + 1 and set(Matter.objects.values_list("urged", flat=True)) == {1}
    actions.acknowledge(by=town.li, matter=rows[1])
    with pytest.raises(Conflict, match="第1项"):
        many.step_many(by=fresh(town.li), matters=rows, code="acknowledge", given=Given())
    assert set(Matter.objects.values_list("state", flat=True)) == {"assigned", "acknowledged"}
    many.step_many(by=town.zhou, matters=rows, code="hand_over", given=Given("调岗", town.staff))
    assert set(Matter.objects.values_list("handler_post", flat=True)) == {town.staff.pk}


@pytest.mark.parametrize(
    ("code", "given", "sentence"),
    [("dance", Given(), "not a step"), ("hand_over", Given("x"), "Nobody is named"), ("void", Given(), "no reason")],
)
def test_bad_steps_on_many_are_refused(town: Town, code: str, given: Given, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        many.step_many(by=town.zhou, matters=[matter(town)], code=code, given=given)
    assert Matter.objects.get().state == "assigned"


def test_many_are_refused_to_others(town: Town) -> None:
    with pytest.raises(Unseen):
        many.step_many(by=fresh(town.stranger), matters=[matter(town)], code="urge", given=Given())
    with pytest.raises(NotAllowed):
        many.step_many(by=fresh(town.li), matters=[matter(town)], code="urge", given=Given())


def test_saved_views_are_ones_own(town: Town) -> None:
    view = actions.save_view(by=town.zhou, name="我的督办", query="light=red")
    with pytest.raises(Unseen):
        actions.drop_view(by=town.li, view=view)
    actions.drop_view(by=town.zhou, view=view)
    assert not View.objects.exists()


def test_look_backs_wait_in_the_inbox(town: Town) -> None:
    one = done(town, "销号了")
    assert queries.inbox(fresh(town.zhou)).back == []
    with clock.frozen(datetime(2027, 2, 21, 9, 0)):  # 90 days later
        assert [m.pk for m in queries.inbox(fresh(town.zhou)).back] == [one.pk]
        assert queries.inbox(fresh(town.li)).back == []
        actions.look_back(by=town.zhou, matter=one)
        assert queries.inbox(fresh(town.zhou)).back == []


def test_the_closed_loop_as_figures_by_hand(town: Town) -> None:
    """Two due in December: one closed on time after 3 days, one open, returned and urged."""
    first = done(town, "按期")
    Matter.objects.filter(pk=first.pk).update(starts_on=TODAY - timedelta(days=3))
    second = matter(town, "拖")
    Matter.objects.filter(pk=second.pk).update(returned=1, urged=2)
    wanted = {"L11": (1.0, 2.0), "L12": (1.0, 2.0), "L13": (3.0, 1.0), "L14": (0.0, 2.0), "L15": (1.0, 2.0)}
    for code, (over, under) in wanted.items():
        collect = collector_of(code)
        assert collect is not None
        found = {node: (a, b) for node, a, b in collect(202612, [town.shop.pk, town.group.pk, town.branch.pk, town.other.pk])}
        assert found == dict.fromkeys([town.shop.pk, town.group.pk, town.branch.pk], (over, under)), code
        assert list(collect(202601, [town.shop.pk])) == []
    records = counted("L12", 202612, town.shop.pk)
    assert records is not None and (records.all, records.good) == ({first.pk, second.pk}, {second.pk})


def test_a_voided_record_proves_nothing_any_more(town: Town) -> None:
    """What it alone had closed is open again; what other evidence stands for, or a person closed, stays."""
    routine = matter(town, "例行", is_light=True)
    actions.prove(by=SYSTEM, matter=routine, record=Reference("meeting", "7"), on=TODAY, in_person=True)
    assert Step.objects.get(matter=routine, kind="prove").by_part == "leader"
    both = matter(town, "两份佐证", is_light=True)
    actions.prove(by=SYSTEM, matter=both, record=Reference("meeting", "7"), on=TODAY)
    Evidence.objects.create(matter=both, record_kind="meeting", record_id="8", added_by="x", added_label="x")
    closed = done(town, "人工销号")
    Evidence.objects.create(matter=closed, record_kind="meeting", record_id="7", added_by="x", added_label="x")
    with pytest.raises(Refused, match="no reason"):
        actions.disprove(by=SYSTEM, record=Reference("meeting", "7"), note=" ")
    with pytest.raises(NotAllowed):
        actions.disprove(by=town.zhou, record=Reference("meeting", "7"), note="记录作废")
    assert actions.disprove(by=SYSTEM, record=Reference("meeting", "7"), note="记录作废") == 1
    states = dict(Matter.objects.values_list("title", "state"))
    assert states == {"例行": "assigned", "两份佐证": "closed", "人工销号": "closed"}
    assert Evidence.objects.filter(record_id="7", withdrawn_reason="记录作废").count() == 3
    assert actions.disprove(by=SYSTEM, record=Reference("meeting", "7"), note="再来") == 0
