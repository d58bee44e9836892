"""How facts are said in a paper: every share with its parts, every missing figure with its reason."""

from rongtong.papers.blocks import Value


def share(part: int, whole: int, source: str, none: str) -> Value:
    """92.3%（12/13）; a dash with the reason where there is nothing to count."""
    return Value(f"{part / whole:.1%}（{part}/{whole}）", source) if whole else Value("", reason=none)


def number(value: float | None, source: str, none: str, decimals: int = 2, unit: str = "") -> Value:
    return Value("", reason=none) if value is None else Value(f"{value:.{decimals}f}{unit}", source)


def months_text(code: int) -> str:
    return f"{code // 100}年{code % 100}月"


def money(fen: int | None, source: str) -> Value:
    """Fen as yuan with two decimals."""
    return Value(f"{fen / 100:,.2f} 元", source) if fen is not None else Value("", reason="没有核定金额")
