"""Which fonts a paper names (docx) and which ones it carries (pdf).

The fonts of the standard are commercial, so a docx names them and the reader's computer supplies them; a pdf embeds the best that is here:
first what was put into `fonts` of the data directory, then what the system has.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from rongtong.kernel.errors import Refused
from rongtong.papers.primitives import Role

if TYPE_CHECKING:
    import typst


@dataclass(frozen=True, slots=True)
class FontNames:
    """Family names for the five roles: 仿宋, 黑体, 楷体, 小标宋, 宋体."""

    fangsong: str
    hei: str
    kai: str
    title: str
    song: str


SETS = {
    "gb2312": FontNames("仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体", "宋体"),
    "gbk": FontNames("仿宋", "黑体", "楷体", "方正小标宋_GBK", "宋体"),
}
_SONG = ("SimSun", "STSong", "Songti SC", "Noto Serif CJK SC", "Source Han Serif SC", "AR PL SungtiL GB")
_HEI = ("SimHei", "STHeiti", "FZHei-B01", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Zen Hei")
_CANDIDATES: dict[Role, tuple[str, ...]] = {
    "fangsong": ("FangSong_GB2312", "仿宋_GB2312", "FangSong", "仿宋", "STFangsong", "FZFangSong-Z02", *_SONG),
    "hei": ("黑体", *_HEI),
    "kai": (
        "KaiTi_GB2312",
        "楷体_GB2312",
        "KaiTi",
        "楷体",
        "STKaiti",
        "FZKai-Z03",
        "AR PL KaitiM GB",
        "LXGW WenKai",
        "AR PL UKai CN",
        *_SONG,
    ),
    "title": ("FZXiaoBiaoSong-B05S", "方正小标宋简体", "方正小标宋_GBK", "FZXiaoBiaoSong-B05", *_SONG),
    "song": ("宋体", *_SONG),
}


def names_in_use() -> FontNames:
    """The set that the setting names."""
    return SETS[settings.PAPER_FONTS]


def folder() -> Path:
    return Path(settings.DATA_DIR) / "fonts"


def embedded(found: "typst.Fonts") -> dict[str, tuple[str, ...]]:
    """For each role the families that are here, best first, then what else could supply a rare character; refused where none has Chinese."""
    present = {family.casefold(): family for family in found.families()}
    chosen = {role: [present[name.casefold()] for name in names if name.casefold() in present] for role, names in _CANDIDATES.items()}
    if not any(chosen.values()):
        raise Refused(
            _("No Chinese font is on this computer, so a pdf would show boxes"), field="format",
            remedy=_("install fonts-noto-cjk, or put font files into the folder fonts of the data directory; docx works without"), code="no_font",
        )  # fmt: skip
    own = str(folder())
    others = [family for names in chosen.values() for family in names]
    others += sorted({font.family for font in found.fonts() if font.path and font.path.startswith(own)})
    return {role: tuple(dict.fromkeys([*names, *others])) for role, names in chosen.items()}


def loaded() -> "typst.Fonts":
    """The fonts of this computer and of the data directory; read again when a file is added there."""
    files = sorted((str(path), path.stat().st_mtime_ns) for path in folder().glob("*")) if folder().is_dir() else []
    return _load(tuple(files))


@lru_cache(maxsize=2)
def _load(files: tuple[tuple[str, int], ...]) -> "typst.Fonts":
    import typst

    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=False, font_paths=[str(folder())] if files else [])
