"""Small checks over the tracked files: message catalogues complete, no inline script or style, no foreign path or host."""

import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from messages import read

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "src/rongtong"
INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|\sstyle=|\son[a-z]+=\"", re.IGNORECASE)
IN_PYTHON = re.compile(r"(?<![\w.])(?:_|gettext_lazy)\(\s*((?:\"(?:[^\"\\]|\\.)*\"\s*)+)\)")
IN_TEMPLATE = re.compile(r"{%\s*translate\s+(?:\"([^\"]+)\"|'([^']+)')")
FOREIGN = re.compile(r"(--(?:extra-)?index-url|\"resolved\": \"http|^url = \"http|registry = \"http)", re.MULTILINE)


def tracked() -> list[Path]:
    found = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    return [ROOT / name for name in found if name and (ROOT / name).is_file()]


def known_messages() -> set[str]:
    known: set[str] = set()
    for catalogue in PACKAGES.glob("*/locale/zh_Hans/LC_MESSAGES/django.po"):
        known |= {key.split("\x00")[0].split("\x04")[-1] for key in read(catalogue)}
    return known


def used_messages(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return {"".join(re.findall(r"\"((?:[^\"\\]|\\.)*)\"", found)) for found in IN_PYTHON.findall(text)}
    return {first or second for first, second in IN_TEMPLATE.findall(text)}


def main() -> int:
    problems = []
    known = known_messages()
    for path in tracked():
        name = str(path.relative_to(ROOT))
        if path.suffix in {".py", ".html"} and PACKAGES in path.parents and "migrations" not in path.parts:
            problems += [f"{name}: no Chinese for “{text}”" for text in sorted(used_messages(path) - known)]
        if path.suffix == ".html" and INLINE.search(path.read_text(encoding="utf-8")):
            problems.append(f"{name}: inline script or style")
        if path.suffix in {".lock", ".json", ".toml", ".npmrc"} and FOREIGN.search(path.read_text(encoding="utf-8")):
            problems.append(f"{name}: names an address of a registry")
    print("\n".join(problems) or "tree: ok")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
