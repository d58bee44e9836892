"""The figure, its trend, the sentence, the columns of a table, the compressed copies: small parts with plain answers."""

import gzip
import os
from pathlib import Path

import pytest
from django.http import QueryDict
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from rongtong.ui import charts, compressed
from rongtong.ui.figure import Figure, sparkline
from rongtong.ui.fragments import is_fragment
from rongtong.ui.tables import Column, table_of, with_query


def shown(figure: Figure) -> str:
    with translation.override("en"):
        return " ".join(Template("{% figure it %}").render(Context({"it": figure})).split())


def test_a_figure_has_unit_interval_change_trend_badge_and_the_way_to_its_source() -> None:
    text = shown(Figure(0.62, "%", low=0.58, high=0.66, url="/why", change=-0.031, trend=(0.5, None, 0.6, 0.62)))
    assert 'href="/why"' in text and 'hx-target="#drawer"' in text
    assert "[0.58, 0.66]" in text and "−0.03" in text and "derived" in text
    assert text.count("<polyline") == 1  # one point alone is no line; the gap is not drawn through


def test_a_missing_figure_is_a_dash_with_its_reason_and_never_zero() -> None:
    text = shown(Figure(None, reason="no value was recorded", url="/why"))
    assert "—" in text and "no value was recorded" in text and "not enough data" in text
    assert "0" not in text.replace("0 0 84 22", "")
    assert "not applicable" in shown(Figure(None, reason="no such side", badge="not_applicable"))


@pytest.mark.parametrize(("change", "words"), [(None, ""), (0.0, "±0.00"), (-0.004, "±0.00"), (0.05, "+0.05"), (-0.05, "−0.05")])
def test_a_change_is_told_with_its_sign_or_as_none(change: float | None, words: str) -> None:
    assert Figure(1.0, change=change).change_text == words


def test_a_line_breaks_where_a_month_is_missing() -> None:
    assert len(sparkline([1, 2, None, 3, 4])) == 2
    assert sparkline([1]) == [] and sparkline([None, None]) == [] and sparkline([5, 5]) == ["0.0,11.0 84.0,11.0"]


def test_a_sentence_has_no_space_before_its_marks_and_none_after_full_width_ones() -> None:
    text = Template("{% sentence %} 甲：\n  <b>乙</b>\n  ，丙 ；\n 丁 , e . {% endsentence %}").render(Context())
    assert text == "甲：<b>乙</b>，丙；丁, e."


def test_a_sentence_escapes_what_is_put_into_it() -> None:
    assert "&lt;b&gt;" in Template("{% sentence %}{{ name }}{% endsentence %}").render(Context({"name": "<b>"}))


def test_limits_of_a_control_chart_lie_inside_its_axis() -> None:
    option = charts.xmr(["a", "b"], [5.0, None], [True, False], (1.0, 5.0, 9.0))
    assert option["yAxis"]["min"] < 1
    assert option["yAxis"]["max"] > 9
    assert option["series"][0]["connectNulls"] is False
    charts.xmr(["a"], [None], [False], None)  # nothing at all is no error


def test_a_quadrant_shows_where_one_came_from_and_leads_on() -> None:
    points = [charts.Point(0.5, 0.6, "甲", "/甲"), charts.Point(0.7, 0.6, "乙", is_own=True)]
    option = charts.quadrant(points, "U1", "U2", charts.Point(0.6, 0.5, "2026-09"))
    kinds = [series["type"] for series in option["series"]]
    assert kinds == ["line", "scatter", "line", "scatter"]
    assert option["series"][1]["data"][0]["url"] == "/甲"


def test_the_address_holds_columns_filters_and_starts_at_the_first_page() -> None:
    request = RequestFactory().get("/x/?a=1&after=9&export=csv&cols=two&cols=none")
    columns = (Column("one", "One"), Column("two", "Two", is_on=False))
    table = table_of(request, columns, formats=(("CSV", "csv"),))
    assert table.shown == {"two"}
    assert QueryDict(with_query(request, a="")).dict() == {"cols": "none"}
    assert QueryDict(table.exports[0][1])["export"] == "csv" and "after" not in table.here
    assert table_of(RequestFactory().get("/x/"), columns).shown == {"one"}


def test_a_boosted_move_and_a_step_back_want_the_whole_page() -> None:
    make = RequestFactory().get
    assert is_fragment(make("/", headers={"HX-Request": "true"}))
    assert not is_fragment(make("/"))
    assert not is_fragment(make("/", headers={"HX-Request": "true", "HX-Boosted": "true"}))
    assert not is_fragment(make("/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}))


def test_a_compressed_copy_is_never_older_than_its_source(tmp_path: Path) -> None:
    source = tmp_path / "a.css"
    source.write_text("old")
    assert [path.name for path in compressed.refresh(tmp_path)] == ["a.css.gz"]
    assert compressed.refresh(tmp_path) == []
    source.write_text("new")
    os.utime(source, (2e9, 2e9))
    compressed.refresh(tmp_path)
    assert gzip.decompress((tmp_path / "a.css.gz").read_bytes()) == b"new"
