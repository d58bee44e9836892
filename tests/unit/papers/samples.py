"""Papers that the tests write, and how they read a docx back."""

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from docx.oxml.ns import qn
from lxml import etree

from rongtong.kernel.errors import Refused
from rongtong.papers import fonts
from rongtong.papers.blocks import (
    Attachment,
    Block,
    Cell,
    Chapter,
    Column,
    Fields,
    Heading,
    ListOfAttachments,
    NumberedItems,
    Paragraph,
    Remark,
    Row,
    Signature,
    Table,
    Value,
)
from rongtong.papers.document import Colophon, Cover, Document, DocumentNumber, RedHead

SENTENCE = "为推动基层党建与生产经营深度融合，经公司党委研究，现就2026年度有关事项通知如下。"
COMMITTEE = "中共龙江重型机械有限公司委员会"


def has_chinese() -> bool:
    try:
        return bool(fonts.embedded(fonts.loaded()))
    except Refused:
        return False


needs_font = pytest.mark.skipif(not has_chinese(), reason="left out: no Chinese font is here")


def official(*blocks: Block) -> Document:
    return Document(
        title="关于做好2026年度党支部工作的通知",
        addressees="各党支部",
        head=RedHead(f"{COMMITTEE}文件", DocumentNumber("龙机党发", 2026, 12), confidentiality="内部资料", urgency="特急", copy_number=7),
        blocks=blocks
        or (
            Paragraph(SENTENCE * 3),
            Heading("总体要求"),
            Heading("学习阶段", 2),
            Heading("自查", 3),
            Heading("问题清单", 4),
            NumberedItems(("对照检查", "会议评议")),
            ListOfAttachments(("述职报告提纲。", "测评表")),
            Signature((COMMITTEE,), date(2026, 11, 5)),
            Remark("联系人：张三"),
            Attachment("测评表", (Table((Column("项目"), Column("得分")), (("学习", ""),)),), 2, is_landscape=True),
        ),
        colophon=Colophon("公司党委办公室", date(2026, 11, 6), ("公司领导", "各职能部门")),
        dated_on=date(2026, 11, 5),
        author="融通",
    )


def work_book(chapters: int = 5, paragraphs: int = 20) -> Document:
    head = Cover("（2026年度）", (("党支部", "第三党支部"), ("书记", "张伟")), "2026年12月")
    return Document(
        title="党支部工作手册",
        head=head,
        has_index=True,
        blocks=tuple(
            Chapter(
                f"第{number}章　会议记录",
                (
                    Fields(((("名称", "支部党员大会"), ("时间", "2026年1月5日")), (("内容", SENTENCE),))),
                    Paragraph(("本月得分", Value("0.63", f"测评运行{number}号"), "，上月", Value("", reason="未登记"))),
                    *[Paragraph(SENTENCE * 2) for _ in range(paragraphs)],
                    Table(
                        (Column("序号"), Column("事项", 3), Column("结果")),
                        tuple(Row((str(at), "更换轴承", Cell("完成"))) for at in range(10)),
                    ),
                ),
                is_landscape=number % 3 == 0,
            )
            for number in range(1, chapters + 1)
        ),
    )


def part(content: bytes, name: str = "word/document.xml") -> Any:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return etree.fromstring(package.read(name))


def value(element: Any, path: str, attribute: str = "val") -> str | None:
    """An attribute of the descendant at `a/b/c`, names without prefix."""
    found = element.find("/".join(qn(f"w:{name}") for name in path.split("/"))) if path else element
    return None if found is None else found.get(qn(f"w:{attribute}"))


def text_of(element: Any) -> str:
    return "".join(found.text or "" for found in element.iter(qn("w:t")))


def paragraphs(content: bytes) -> list[Any]:
    return list(part(content).iter(qn("w:p")))


def saying(content: bytes, text: str) -> Any:
    """The first paragraph that says just this."""
    return next(found for found in paragraphs(content) if text_of(found) == text)


def style_of(content: bytes, paragraph: Any) -> Any:
    code = value(paragraph, "pPr/pStyle")
    return next(found for found in part(content, "word/styles.xml").iter(qn("w:style")) if found.get(qn("w:styleId")) == code)


def line_twips(content: bytes, paragraph: Any) -> int:
    """How high a line of the paragraph is: told by itself, else by its style."""
    return int(value(paragraph, "pPr/spacing", "line") or value(style_of(content, paragraph), "pPr/spacing", "line") or 0)
