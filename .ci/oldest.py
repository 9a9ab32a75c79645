"""Print the oldest version that pyproject.toml allows of each package, as constraints for pip.

The packages are those of an installation with all extras; what only tests and comparisons need is left out.
"""

from __future__ import annotations

import re
from pathlib import Path

import tomllib


def constraints() -> list[str]:
    """Return ``name==version`` for each requirement with a lower bound."""
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    [everything] = extras["all"]
    chosen = re.findall(r"\w+", everything.partition("[")[2])
    requirements = [*project["dependencies"], *(one for extra in chosen for one in extras[extra])]
    found = [re.match(r"([\w.-]+)>=([\d.]+)", one) for one in requirements]
    assert all(found), requirements
    return [f"{one[1]}=={one[2]}" for one in found if one]


if __name__ == "__main__":
    print("\n".join(constraints()))
