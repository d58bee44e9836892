"""indicators.csv and units.csv: every refusal with its row and column; the quick reader and the strict one agree."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rongtong.panel import reading
from rongtong.panel.files import BadPanel

HEADER = "indicator_id,code,subsystem,direction,ideal_low,ideal_high,cap,weight\n"
GOOD = "0,A,party,benefit,,,,\n1,B,production,interval,1,2,,0.5\n"


def written(folder: Path, name: str, text: str | bytes) -> Path:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("indicator_id,code,subsystem\n0,A,party\n", "::1:direction the column direction is missing"),
        (HEADER, ":::"),
        ("", "::1:indicator_id"),
        (HEADER + GOOD + "0,C,party,cost,,,,\n", "::4:indicator_id indicator_id 0 stands twice, first in row 2"),
        (HEADER + GOOD + "2,A,party,cost,,,,\n", "::4:code code A stands twice, first in row 2"),
        (HEADER + GOOD + "2,,party,cost,,,,\n", "::4:code the code is empty"),
        (HEADER + "x,A,party,cost,,,,\n", "::2:indicator_id “x” is not a whole number"),
        (HEADER + "1_0,A,party,cost,,,,\n", "::2:indicator_id"),
        (HEADER + "１,A,party,cost,,,,\n", "::2:indicator_id"),
        (HEADER + "-1,A,party,cost,,,,\n", "::2:indicator_id indicator_id -1 is out of range"),
        (HEADER + "40000,A,party,cost,,,,\n", "::2:indicator_id indicator_id 40000 is out of range; use 0 to 32,767"),
        (HEADER + "\n\n0,A,partei,cost,,,,\n", "::4:subsystem “partei” is not a subsystem; use party, production, integration"),
        (HEADER + "0,A,party,up,,,,\n", "::2:direction “up” is not a direction"),
        (HEADER + "0,A,party,interval,,,,\n", "::2:ideal_low"),
        (HEADER + "0,A,party,interval,3,2,,\n", "::2:ideal_low"),
        (HEADER + "0,A,party,cost,,,ten,\n", "::2:cap “ten” is not a number"),
        (HEADER + "0,A,party,cost,,,nan,\n", "::2:cap “nan” is not a finite number"),
        (HEADER + "0,A,party,cost,,,,-inf\n", "::2:weight “-inf” is not a finite number"),
        (HEADER + "0,A,party,cost,,,,-0.1\n", "::2:weight a weight is negative"),
        (HEADER + "0,A,party,cost,,,,0.5,9\n", "::2: the row has 9 cells, the header 8"),
        ("code,code,indicator_id,subsystem,direction\nA,B,1,party,cost\n", "::1:code the column code stands twice"),
        (HEADER + '0,"A,party,cost,,,,\n', "the file breaks off"),
        ((HEADER + "0,甲,party,cost,,,,\n").encode("gbk"), "::: the file is not UTF-8"),
    ],
)
def test_indicators_are_refused_with_their_place(tmp_path: Path, text: str | bytes, place: str) -> None:
    with pytest.raises(BadPanel) as refused:
        reading.read_indicators(written(tmp_path, "indicators.csv", text))
    assert str(refused.value).startswith(f"{tmp_path / 'indicators.csv'}:")
    assert place in str(refused.value)


def test_good_indicators_with_a_mark_spaces_and_fewer_columns(tmp_path: Path) -> None:
    found = reading.read_indicators(
        written(tmp_path, "indicators.csv", "\ufeffcode,indicator_id,direction,subsystem\n A ,7, cost ,party\n\n")
    )
    assert (found.ids.tolist(), found.codes, found.directions) == ([7], ("A",), ("cost",))
    assert np.isnan(found.weights).all()


UNITS = "unit_id,parent_id,headcount\n"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (UNITS, ":::"),
        ("unit_id,headcount\n1,2\n", "::1:parent_id"),
        (UNITS + "1,,5\n2,9,5\n", "::3:parent_id the parent 9 is not among the units"),
        (UNITS + "1,-1,5\n", "::2:parent_id the parent -1 is not among the units"),
        (UNITS + "1,2,5\n2,1,5\n3,,1\n", "::2:parent_id unit 1 lies below itself"),
        (UNITS + "1,1,5\n", "::2:parent_id unit 1 lies below itself"),
        (UNITS + "1,,5\n1,,5\n", "::3:unit_id unit_id 1 stands twice, first in row 2"),
        (UNITS + "1,,-5\n", "::2:headcount a head-count is negative"),
        (UNITS + "1,,many\n", "::2:headcount “many” is not a number"),
        (UNITS + "1,,nan\n", "::2:headcount “nan” is not a finite number"),
        (UNITS + "1,,NA\n", "::2:headcount"),
        (UNITS + ",,5\n", "::2:unit_id"),
        (UNITS + "3000000000,,5\n", "::2:unit_id unit_id 3000000000 is out of range"),
        (UNITS + "0,,1\n" + "".join(f"{at},{at - 1},1\n" for at in range(1, 1002)), "::1002:parent_id unit 1000 lies too deep"),
    ],
)
def test_units_are_refused_with_their_place(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(BadPanel) as refused:
        reading.read_units(written(tmp_path, "units.csv", text))
    assert place in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        UNITS + "0,,10\n1,0,\n2,1,7.5\n",
        "name,headcount,parent_id,unit_id\n总部,10,,0\n二,,0,1\n三,7.5,1,2\n",
        "\ufeff" + UNITS + "0,,10\n1,0,\n2,1,7.5\n",
    ],
)
def test_the_quick_reader_and_the_strict_one_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    quick = reading.read_units(written(tmp_path, "units.csv", text))
    monkeypatch.setattr(reading, "_quick", lambda path: None)
    strict = reading.read_units(tmp_path)
    for found in (quick, strict):
        assert (found.ids.tolist(), found.parents.tolist(), found.headcount.tolist()) == ([0, 1, 2], [-1, 0, 1], [10.0, 0.0, 7.5])
        assert found.without_headcount == 1


def test_clean_files_take_the_quick_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> None:
        raise AssertionError("read the slow way")

    monkeypatch.setattr(reading, "_rows", never)
    assert len(reading.read_units(written(tmp_path, "units.csv", UNITS + "5,,1\n9,5,2\n")).ids) == 2
