"""Columns of the files of the organisation, with the Chinese headers and words that mean the same."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rongtong.exchange import parsing
from rongtong.exchange.importing import Column
from rongtong.organization.models import AppointmentKind, MemberKind, PartyKind, PostKind, UnitKind
from rongtong.trees.models import LinkKind

_UNIT_KINDS = {
    "集团": "group", "公司": "company", "子公司": "company", "工厂": "plant", "分厂": "plant", "分公司": "plant", "车间": "workshop",
    "班组": "team", "部门": "department", "项目部": "project",
}  # fmt: skip
_PARTY_KINDS = {"党委": "committee", "党总支": "general_branch", "党支部": "branch", "党小组": "group"}
_MEMBER_KINDS = {
    "正式党员": "formal", "中共党员": "formal", "预备党员": "probationary", "入党积极分子": "applicant", "群众": "none", "非党员": "none",
}  # fmt: skip
_POST_KINDS = {
    "书记": "secretary", "副书记": "deputy", "委员": "committee", "负责人": "head", "主任": "head", "副主任": "deputy_head",
    "部门负责人": "department_head", "职工": "staff",
}  # fmt: skip
_LINK_KINDS = {"独立": "own", "联合": "joint", "覆盖": "covers", "临时": "temporary"}
_APPOINTMENT_KINDS = {"正式": "formal", "任职": "formal", "代理": "acting", "主持": "acting"}


def _words(chinese: dict[str, str], values: list[str]) -> Callable[[Any], str | None]:
    return parsing.choice({**chinese, **{value: value for value in values}})


CODE = Column("code", ("编码", "代码"), True, parsing.code)
NAME = Column("name", ("名称", "姓名"), True, parsing.text, most=120)
_NODE = (
    CODE,
    NAME,
    Column("parent_code", ("上级编码", "上级代码"), False, parsing.code),
    Column("opened_on", ("成立日期", "启用日期"), False, parsing.day),
    Column("closed_on", ("撤销日期", "停用日期"), False, parsing.day),
)
UNITS = (
    *_NODE,
    Column("kind", ("单位类型", "类型"), True, _words(_UNIT_KINDS, UnitKind.values)),
    Column("class_code", ("单位类别", "类别编码"), False, parsing.code),
    Column("headcount", ("人数", "在岗人数"), False, parsing.whole),
    Column("legal_person", ("法人", "是否法人"), False, parsing.yes_no),
)
PARTIES = (
    *_NODE,
    Column("kind", ("组织类型", "类型"), True, _words(_PARTY_KINDS, PartyKind.values)),
    Column("members", ("党员数", "党员人数"), False, parsing.whole),
    Column("formal_members", ("正式党员数", "正式党员人数"), False, parsing.whole),
    Column("elected_on", ("换届日期", "选举日期"), False, parsing.day),
    Column("term_years", ("任期", "届期"), False, parsing.whole),
)
LINKS = (
    Column("unit_code", ("单位编码",), True, parsing.code),
    Column("party_code", ("党组织编码",), True, parsing.code),
    Column("kind", ("对应方式", "类型"), True, _words(_LINK_KINDS, LinkKind.values)),
    Column("share", ("份额", "占比"), False, parsing.number),
    Column("starts_on", ("开始日期",), False, parsing.day),
    Column("ends_on", ("结束日期",), False, parsing.day),
)
PEOPLE = (
    CODE,
    replace(NAME, most=80),
    Column("member_kind", ("党员类别", "政治面貌"), False, _words(_MEMBER_KINDS, MemberKind.values)),
    Column("joined_on", ("入党日期",), False, parsing.day),
)
POSTS = (
    CODE,
    NAME,
    Column("node_code", ("单位编码", "组织编码"), True, parsing.code),
    Column("kind", ("岗位类型", "类型"), True, _words(_POST_KINDS, PostKind.values)),
)
APPOINTMENTS = (
    Column("person_code", ("人员编码", "工号"), True, parsing.code),
    Column("post_code", ("岗位编码",), True, parsing.code),
    Column("kind", ("任职方式", "类型"), False, _words(_APPOINTMENT_KINDS, AppointmentKind.values)),
    Column("starts_on", ("任职日期", "开始日期"), True, parsing.day),
    Column("ends_on", ("免职日期", "结束日期"), False, parsing.day),
)
