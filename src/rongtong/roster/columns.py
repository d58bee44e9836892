"""Columns of the files that official member systems give, with the Chinese headers and words that mean the same."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from rongtong.exchange import parsing
from rongtong.exchange.importing import Column
from rongtong.kernel.errors import Refused
from rongtong.roster.models import Standing

MOST = 10_000_000
MOST_FEN = 10**13
FEN = 100
_STANDINGS = {
    "正式党员": "formal", "正式": "formal", "中共党员": "formal", "预备党员": "probationary", "预备": "probationary",
    **{value: value for value in Standing.values},
}  # fmt: skip
STEPS = (
    "递交入党申请书", "党组织派人谈话", "推荐和确定入党积极分子", "上级党委备案", "指定培养联系人", "培养教育考察", "确定发展对象", "报上级党委备案",
    "确定入党介绍人", "政治审查", "开展集中培训", "支部委员会审查", "上级党委预审", "填写入党志愿书", "支部大会讨论", "上级党委派人谈话", "上级党委审批",
    "再上一级党委组织部门备案", "编入党支部和党小组", "入党宣誓", "继续教育考察", "提出转正申请", "支部大会讨论转正", "上级党委审批转正", "材料归档",
)  # fmt: skip


def count(value: Any) -> int | None:
    """A count of people; never below 0, and an empty cell is not 0."""
    found = parsing.whole(value)
    if found is not None and not 0 <= found <= MOST:
        raise Refused(_("%(count)d is not a count of people") % {"count": found}, remedy=_("write a number from 0 on"), code="count")
    return found


def fen(value: Any) -> int | None:
    """An amount in whole fen."""
    found = parsing.whole(value)
    if found is not None and not 0 <= found <= MOST_FEN:
        raise Refused(_("%(amount)d is not an amount in fen") % {"amount": found}, remedy=_("write a number from 0 on"), code="money")
    return found


def yuan(value: Any) -> int | None:
    """An amount in yuan with at most two decimals, as fen: exact, never by way of a float.

    >>> yuan("1,234.50"), yuan(0.07), yuan("")
    (123450, 7, None)
    """
    text = parsing.folded(value).replace(",", "").removesuffix("元").strip()
    if not text:
        return None
    try:
        amount = Decimal(text) * FEN
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount != amount.to_integral_value() or not 0 <= amount <= MOST_FEN:
        what = _("“%(value)s” is not an amount in yuan") % {"value": text[:40]}
        raise Refused(what, remedy=_("write it with at most two decimals, for example 1234.50"), code="money")
    return int(amount)


def step(value: Any) -> int | None:
    """A step of admission by its number or its Chinese name; a name that two steps share needs the number."""
    text = parsing.folded(value)
    if text in STEPS:
        return STEPS.index(text) + 1
    found = parsing.whole(value)
    if found is not None and not 1 <= found <= len(STEPS):
        raise Refused(_("There is no step %(step)d of admission") % {"step": found}, remedy=_("write 1 to 25"), code="step")
    return found


PERSON = Column("person_code", ("人员编码", "工号", "党员编码"), True, parsing.code)
PARTY = Column("party_code", ("党组织编码", "党支部编码", "组织编码"), True, parsing.code)
MONTH = Column("month", ("月份", "年月", "统计月份"), True, parsing.month)
SOURCE = Column("source", ("来源", "来源系统"), False, parsing.text)
AFFILIATIONS = (
    PERSON, PARTY, Column("standing", ("党员类别", "人员类别", "类型"), True, parsing.choice(_STANDINGS)),
    Column("starts_on", ("转入日期", "开始日期"), True, parsing.day), Column("ends_on", ("转出日期", "结束日期"), False, parsing.day), SOURCE,
)  # fmt: skip
FIGURES = (
    PARTY, MONTH, Column("members", ("党员数", "党员人数", "党员总数"), True, count),
    Column("formal", ("正式党员数", "正式党员人数", "正式党员"), True, count),
    Column("admitted", ("发展党员数", "本月发展党员"), False, count), Column("applicants", ("入党申请人数", "积极分子数"), False, count), SOURCE,
)  # fmt: skip
ADMISSION = (
    PERSON, PARTY, Column("step", ("步骤", "步骤序号", "程序"), True, step), Column("passed_on", ("日期", "完成日期"), True, parsing.day),
    Column("document", ("文号", "材料编号"), False, parsing.text),
)  # fmt: skip
DUES = (
    PARTY, MONTH, Column("payers", ("应交人数", "应缴人数"), True, count), Column("paid", ("已交人数", "实交人数", "已缴人数"), True, count),
    Column("due_fen", ("应交金额(分)", "应交分"), False, fen), Column("due_yuan", ("应交金额", "应交党费", "应交金额(元)", "应缴党费"), False, yuan),
    Column("paid_fen", ("实交金额(分)", "实交分"), False, fen), Column("paid_yuan", ("实交金额", "实交党费", "实交金额(元)", "实缴党费"), False, yuan),
    SOURCE,
)  # fmt: skip
