"""Training small nets: data, models, losses, optimisers, schedules, engines, the loop, and files.

Each file holds one idea, and each of `DATASETS`, `LOSSES`, `OPTIMIZERS`, `SCHEDULES`, `ENGINES` and `PRESETS` is a
table to which an entry can be added.  Nothing here imports NumPy before it is used, and nothing knows a terminal.
"""

from __future__ import annotations

__all__: list[str] = []
