"""党支部工作手册: the year of an organisation as one book, every chapter from the records."""

from rongtong.papers.blocks import Chapter
from rongtong.papers.document import Cover, Document
from rongtong.reports import chapters
from rongtong.reports.facts import Facts

CHAPTERS = (
    ("组织与班子", chapters.organisation, False),
    ("党员名册", chapters.members, False),
    ("年度目标与融合点", chapters.plan, False),
    ("组织生活会议", chapters.meetings, False),
    ("谈心谈话", chapters.talks, False),
    ("规则执行", chapters.rules, True),
    ("融合载体", chapters.carriers, True),
    ("成果台账", chapters.results, True),
    ("事项台账", chapters.matters, True),
    ("水平与平衡", chapters.standing, False),
)


def work_book(facts: Facts) -> Document:
    """The book with cover, index and chapters."""
    secretary = next((row.person.name for row in facts.committee if row.post.kind == "secretary"), "空缺")
    cover = Cover(f"{facts.year}年度", (("党组织", facts.node.name), ("书记", secretary), ("数据截至", str(facts.until))), "由系统记录生成")
    parts = tuple(Chapter(title, make(facts), is_landscape=wide) for title, make, wide in CHAPTERS)
    return Document(title="党组织工作手册", head=cover, blocks=parts, has_index=True, author=facts.node.name, dated_on=facts.until)
