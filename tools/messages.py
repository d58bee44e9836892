"""Compiles every message catalogue (.po to .mo) with the standard library alone; .mo files are never committed."""

import ast
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def read(path: Path) -> dict[str, str]:
    """Entries of a catalogue: msgid (with context and plural as gettext wants them) to msgstr; fuzzy and empty ones are left out."""
    entries: dict[str, str] = {}
    field, parts, fuzzy = "", {}, False

    def flush() -> None:
        if "msgid" not in parts or fuzzy:
            return
        key = parts["msgid"]
        key = f"{parts['msgctxt']}\x04{key}" if "msgctxt" in parts else key
        if "msgid_plural" in parts:
            texts = [parts[name] for name in sorted(parts) if name.startswith("msgstr[")]
            key, text = f"{key}\x00{parts['msgid_plural']}", "\x00".join(texts)
        else:
            text = parts.get("msgstr", "")
        if text:
            entries[key] = text

    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        line = line.strip()
        if not line or line.startswith("#"):
            if not line:
                flush()
                field, parts, fuzzy = "", {}, False
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        if line.startswith("msg"):
            name, _, text = line.partition(" ")
            if (
                (name in {"msgid", "msgctxt"} and name in parts)
                or (name == "msgctxt" and "msgid" in parts)
                or (name == "msgid" and "msgstr" in parts)
            ):
                flush()
                parts, fuzzy = {}, False
            field, parts[name] = name, ast.literal_eval(text)
        else:
            parts[field] += ast.literal_eval(line)
    return entries


def write(entries: dict[str, str], path: Path) -> None:
    """The binary form that gettext reads: sorted keys, two tables of (length, offset)."""
    ids, strings, offsets = b"", b"", []
    for key in sorted(entries):
        k, s = key.encode(), entries[key].encode()
        offsets.append((len(ids), len(k), len(strings), len(s)))
        ids, strings = ids + k + b"\0", strings + s + b"\0"
    start = 7 * 4 + 16 * len(entries)
    keys, values = [], []
    for id_at, id_length, text_at, text_length in offsets:
        keys += [id_length, id_at + start]
        values += [text_length, text_at + start + len(ids)]
    head = struct.pack("<7I", 0x950412DE, 0, len(entries), 28, 28 + len(entries) * 8, 0, 0)
    path.write_bytes(head + struct.pack(f"<{len(keys) + len(values)}I", *keys, *values) + ids + strings)


def main() -> int:
    for po in sorted((ROOT / "src/rongtong").glob("*/locale/*/LC_MESSAGES/django.po")):
        mo = po.with_suffix(".mo")
        if not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime:
            write(read(po), mo)
    return 0


if __name__ == "__main__":
    sys.exit(main())
