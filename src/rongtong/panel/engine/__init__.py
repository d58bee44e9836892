"""The local engine over panel files: NumPy in cache-sized blocks, two threads."""

from rongtong.panel.engine.local import RunSummary, measure

__all__ = ["RunSummary", "measure"]
