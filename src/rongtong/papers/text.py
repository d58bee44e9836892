"""Texts made printable: what no file may hold is taken out, levels and dates are written, long titles are broken between words."""

import itertools
import re
import unicodedata
from collections.abc import Iterable
from datetime import date

import rjieba

from rongtong.papers import words

# control characters, lone surrogates and noncharacters are not valid in XML; direction marks let a line read other than it is stored
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u206f\u061c\ufeff\ufff9-\ufffb\ufdd0-\ufdef\ufffe\uffff]"
    "|[\ud800-\udfff]|[" + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17)) + "]"
)
_OPENING = "（《〈“‘「『【〔([{"
_CLOSING = "）》〉”’」』】〕，。、；：？！)]},.;:?!的"


def clean(text: str) -> str:
    """The text without what cannot or must not be printed; line ends and tabs made plain.

    >>> clean("a\\x00b\\r\\nc\\td\\u202ee")
    'ab\\nc de'
    """
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")).replace(
        "\t", " "
    )


def width(text: str) -> float:
    """How many characters wide: a Latin letter or digit is half a character.

    >>> width("2026年5月")
    4.5
    """
    return sum(1.0 if unicodedata.east_asian_width(char) in "WFA" else 0.5 for char in text)


def day(on: date) -> str:
    """成文日期: Arabic digits without leading zeros.

    >>> day(date(2026, 1, 5))
    '2026年1月5日'
    """
    return words.DAY.format(on=on)


def level_number(level: int, number: int) -> str:
    """What stands before a heading.

    >>> [level_number(level, 12) for level in (1, 2, 3, 4)]
    ['十二、', '（十二）', '12.', '（12）']
    """
    return (f"{chinese(number)}、", f"（{chinese(number)}）", f"{number}.", f"（{number}）")[level - 1]


def chinese(number: int) -> str:
    """A number up to 999 in Chinese, larger ones in digits.

    >>> [chinese(number) for number in (3, 10, 14, 20, 105, 110, 231)]
    ['三', '十', '十四', '二十', '一百〇五', '一百一十', '二百三十一']
    """
    if number > 999:
        return str(number)
    digits = words.DIGITS
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{digits[hundreds]}{words.HUNDRED}" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else digits[tens]) + words.TEN
    elif hundreds and ones:
        text += digits[0]
    return text + (digits[ones] if ones else "")


def title_lines(title: str, most: float) -> list[str]:
    """The title in lines of at most `most` characters, broken between words, lines of different length, never narrow in the middle.

    >>> title_lines("关于开展2026年度党支部书记抓基层党建工作述职评议考核的通知", 20)
    ['关于开展2026年度党支部书记抓', '基层党建工作述职评议考核的通知']
    """
    if "\n" in title:
        return [line for line in (part.strip() for part in title.split("\n")) if line]
    if width(title) <= most:
        return [title]
    pieces = [piece for word in _pieces(title) for piece in _cut(word, most)]
    for lines in range(2, 4):
        arrangements = [made for made in _arrangements(pieces, lines) if all(width(line) <= most for line in made)]
        if arrangements:
            return min(arrangements, key=_awkwardness)
    return _filled(pieces, most)


def _pieces(title: str) -> list[str]:
    """Words, with closing punctuation and 的 kept on the word before, opening punctuation on the word after."""
    pieces: list[str] = []
    for word in rjieba.cut(title):
        if pieces and (word[0] in _CLOSING or pieces[-1][-1] in _OPENING):
            pieces[-1] += word
        else:
            pieces.append(word)
    return pieces


def _cut(word: str, most: float) -> Iterable[str]:
    if width(word) <= most:
        return [word]
    step = max(int(most), 1)
    return [word[at : at + step] for at in range(0, len(word), step)]


def _arrangements(pieces: list[str], lines: int) -> Iterable[list[str]]:
    if len(pieces) > 40:  # a title of that length is filled line by line
        return
    for cuts in itertools.combinations(range(1, len(pieces)), lines - 1):
        yield ["".join(pieces[start:end]) for start, end in zip((0, *cuts), (*cuts, len(pieces)), strict=True)]


def _awkwardness(lines: list[str]) -> float:
    widths = [width(line) for line in lines]
    mean = sum(widths) / len(widths)
    ragged = sum((one - mean) ** 2 for one in widths) / len(widths)
    equal = sum(1 for one, next_one in itertools.pairwise(widths) if abs(one - next_one) < 1)
    hourglass = sum(1 for a, b, c in zip(widths, widths[1:], widths[2:], strict=False) if b < a and b < c)
    return ragged + 4 * equal + 50 * hourglass


def filled(text: str, first: float, rest: float) -> str:
    """The text with line feeds so that its first line has at most `first` characters, the others `rest`; closing punctuation never begins a line.

    >>> filled("公司领导，公司纪委。", 4, 3)
    '公司领导，\\n公司纪\\n委。'
    """
    lines = [""]
    for char in text:
        if width(lines[-1] + char) > (first if len(lines) == 1 else rest) and char not in _CLOSING:
            lines.append("")
        lines[-1] += char
    return "\n".join(lines)


def _filled(pieces: list[str], most: float) -> list[str]:
    lines = [""]
    for piece in pieces:
        if lines[-1] and width(lines[-1] + piece) > most:
            lines.append("")
        lines[-1] += piece
    return lines
