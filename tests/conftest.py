"""What all tests share: property tests draw the same examples in every run, so that a red test stays red."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("the same in every run", derandomize=True)
settings.load_profile("the same in every run")
