"""Every sentence of the interface exists in both languages: each msgid of the code and the templates has its Chinese, and is itself English."""

import ast
import importlib.util
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ROOT / "src" / "rongtong"
PLAIN = {"_", "gettext", "gettext_lazy", "gettext_noop"}
CONTEXT = {"pgettext", "pgettext_lazy"}
PLURAL = {"ngettext", "ngettext_lazy"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
Message = tuple[str, str]  # where it stands, the key as the catalogue has it


def _texts(call: ast.Call) -> list[str]:
    return [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]


def keys(tree: ast.AST) -> Iterator[str]:
    """Keys that calls of gettext name in a piece of Python."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
        texts = _texts(node)
        if name in PLAIN and len(texts) >= 1:
            yield texts[0]
        elif name in CONTEXT and len(texts) >= 2:
            yield f"{texts[0]}\x04{texts[1]}"
        elif name in PLURAL and len(texts) >= 2:
            yield f"{texts[0]}\x00{texts[1]}"


def of_template(text: str) -> Iterator[str]:
    """Keys of a template: Django turns its tags into calls of gettext among noise, from which the calls are read one by one."""
    source = templatize(text)
    for found in re.finditer(r"\b(?:n?p?gettext)\(", source):
        piece = source[found.start() :]
        yield from _shortest_call(piece)


def _shortest_call(piece: str) -> list[str]:
    """The call that a piece begins with: up to the first closing bracket with which it is Python."""
    for found in re.finditer(r"\)", piece):
        try:
            return list(keys(ast.parse(piece[: found.end()].strip(), mode="eval")))
        except SyntaxError:
            continue
    return []


def messages() -> Iterator[Message]:
    for path in sorted(PACKAGES.rglob("*.py")):
        if "migrations" not in path.parts:
            for key in keys(ast.parse(path.read_text(encoding="utf-8"))):
                yield str(path.relative_to(PACKAGES)), key
    for path in sorted(PACKAGES.rglob("templates/**/*.html")):
        for key in of_template(path.read_text(encoding="utf-8")):
            yield str(path.relative_to(PACKAGES)), key


def _tool() -> Any:
    """The build's own reader of catalogues."""
    spec = importlib.util.spec_from_file_location("messages", ROOT / "tools" / "messages.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


def catalogue() -> dict[str, str]:
    """Every Chinese text the pages can find."""
    found: dict[str, str] = {}
    for po in sorted(PACKAGES.glob("*/locale/zh_Hans/LC_MESSAGES/django.po")):
        found |= _tool().read(po)
    return found


def test_every_sentence_has_its_chinese() -> None:
    known = catalogue()
    missing: dict[str, str] = {}
    for place, key in messages():
        if key and key not in known:
            missing.setdefault(key, place)
    assert missing == {}, "\n".join(f"{place}: {key!r}" for key, place in sorted(missing.items(), key=lambda item: item[1]))


NAMES_WORDS_OF_A_FILE = {"write yes or no (是 or 否)", "use words such as 第一议题; 党建; 学习; 生产经营"}


def test_every_sentence_of_the_source_is_english() -> None:
    assert [(place, key) for place, key in messages() if CHINESE.search(key) and key not in NAMES_WORDS_OF_A_FILE] == []


class _Reader(HTMLParser):
    """Texts and spoken attributes of a template from which every tag of Django is taken."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in SPOKEN and value]

    def handle_data(self, data: str) -> None:
        self.found.append(data)


SPOKEN = {"title", "placeholder", "aria-label", "alt"}
SAME_IN_BOTH = {"Esc", "YYYY-MM", "YYYY-MM-DD", "ORG", "Ctrl", "EN", "中文", "CSV", "SVG"}
BOTH_AT_ONCE = "500.html"  # shown when nothing works any more, translations included


def raw(text: str) -> list[str]:
    """Words of a template that stand outside gettext."""
    text = re.sub(r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}", "", text, flags=re.DOTALL)
    text = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}|<!DOCTYPE[^>]*>", "", text, flags=re.DOTALL)
    reader = _Reader()
    reader.feed(text)
    words = re.findall(r"[A-Za-z]{2,}(?:-(?:MM|DD))*|[\u4e00-\u9fff]+", " ".join(reader.found))
    return [word for word in words if word not in SAME_IN_BOTH]


def test_no_template_speaks_past_gettext() -> None:
    found = {str(p.relative_to(PACKAGES)): raw(p.read_text(encoding="utf-8")) for p in sorted(PACKAGES.rglob("templates/**/*.html"))}
    assert {place: words for place, words in found.items() if words and not place.endswith(BOTH_AT_ONCE)} == {}
    assert raw('<p title="Loud">{% translate "quiet" %} 大声</p>') == ["Loud", "大声"]


def test_placeholders_agree_in_both_languages() -> None:
    """A sentence that loses a placeholder loses a figure; one that gains one fails when it is shown."""
    holes = re.compile(r"%\((\w+)\)")
    odd = {}
    for key, text in catalogue().items():
        ids = set(holes.findall(key.split("\x04")[-1]))
        if ids != set(holes.findall(text)) and key:
            odd[key] = text
    assert odd == {}


def test_the_reading_finds_what_is_there() -> None:
    found = list(
        of_template(
            '{% load i18n %}{% translate "One" %}{% blocktranslate with a=b %}Two {{ a }}{% endblocktranslate %}{% translate "It" context "x" %}'
        )
    )
    assert found == ["One", "Two %(a)s", "x\x04It"]
    assert list(keys(ast.parse('ngettext("a", "b", 2); _("c"); pgettext("d", "e")'))) == ["a\x00b", "c", "d\x04e"]


def test_a_sentence_has_one_chinese_only() -> None:
    """Catalogues are read as one: of two different translations of a sentence, one would show where the other is meant. Use a context."""
    where: dict[str, set[str]] = {}
    for po in sorted(PACKAGES.glob("*/locale/zh_Hans/LC_MESSAGES/django.po")):
        for key, text in _tool().read(po).items():
            where.setdefault(key, set()).add(text)
    assert {key: texts for key, texts in where.items() if key and len(texts) > 1} == {}


def test_what_the_catalogues_say_is_what_the_pages_show() -> None:
    """Django's own catalogues stand before ours: a short word of theirs (group, name) would show in place of ours."""
    from django.utils import translation

    other = {}
    with translation.override("zh-hans"):
        for key, text in catalogue().items():
            context, _sep, words = key.rpartition("\x04")
            one = words.split("\x00")[0]
            plural = words.split("\x00")[1] if "\x00" in words else ""
            shown = (
                translation.npgettext(context, one, plural, 2)
                if context and plural
                else translation.pgettext(context, one)
                if context
                else translation.ngettext(one, plural, 2)
                if plural
                else translation.gettext(one)
            )
            if key and shown != text:
                other[key] = (shown, text)
    assert other == {}
