"""The notebooks of examples/lessons: how they are run, and what is saved of their outputs.

`python -m tests.support.lessons` runs those that are saved with outputs, and writes them.  Pictures are written only
where the texts of a lesson have changed, because another version of matplotlib draws other bytes.
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

from tests.support.command_line import process_environment
from tests.support.paths import ROOT

__all__ = ["LESSONS", "SAVED", "closeness", "executed", "outputs_of", "texts_of"]

LESSONS = sorted((ROOT / "examples" / "lessons").glob("*.ipynb"))
#: The lessons that are saved with their outputs; those of the others change with each run.
SAVED = [path for path in LESSONS if path.stem >= "5"]
#: Between two lessons: forget the names, and that the extension is there.
FORGET = "%reset -f\nget_ipython().extension_manager.loaded.discard('gradcli')"
NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")


def executed(paths: list[Path], folder: Path) -> dict[str, Any]:
    """Return lessons with their outputs, by name; one kernel runs all, because a kernel takes long to start.

    Args:
        paths: the notebooks.
        folder: an empty folder, in which they run.
    """
    import nbformat
    from nbclient import NotebookClient

    read = {path.stem: nbformat.read(path, 4) for path in paths}
    whole = nbformat.v4.new_notebook(metadata=next(iter(read.values())).metadata)
    for number, lesson in enumerate(read.values()):
        for cell in lesson.cells:
            cell.id = f"{number}-{cell.id}"
        whole.cells += [*lesson.cells, nbformat.v4.new_code_cell(FORGET)]
    client = NotebookClient(whole, timeout=120, resources={"metadata": {"path": str(folder)}})
    # Arrays of lessons are small: a second thread would only wait for the first.
    client.execute(env=process_environment(IPYTHONDIR=str(folder / "ipython"), OPENBLAS_NUM_THREADS="1"))
    return read


def outputs_of(cell: Any, count: int) -> list[dict[str, Any]]:
    """Return the outputs of a cell as they are saved; ``count`` is the number of the cell in its lesson."""
    saved = []
    for one in cell["outputs"]:
        if one["output_type"] == "stream":
            saved.append({"name": one["name"], "output_type": "stream", "text": _lines(one["text"])})
            continue
        data = {kind: _lines(text) if kind != "image/png" else text for kind, text in sorted(one["data"].items())}
        shown = {"data": data, "metadata": {}, "output_type": one["output_type"]}
        saved.append(shown | ({"execution_count": count} if one["output_type"] == "execute_result" else {}))
    return saved


def _lines(text: Any) -> list[str]:
    return list(text) if isinstance(text, list) else text.splitlines(keepends=True)


def texts_of(cell: Any) -> list[str]:
    """Return what the outputs of a cell say, and which kinds of pictures there are."""
    found: list[str] = []
    before = None
    for one in cell["outputs"]:
        # A kernel may send what a cell prints in several parts.
        is_continued, before = before == one["output_type"] == "stream", one["output_type"]
        if is_continued:
            found[-1] += "".join(one["text"])
        elif one["output_type"] == "stream":
            found.append("".join(one["text"]))
        else:
            found.append("".join(one["data"].get("text/plain", "")))
            found += [kind for kind in sorted(one["data"]) if kind.startswith("image/")]
    return found


def closeness(texts: list[str], others: list[str]) -> float:
    """Return the largest difference of the numbers of two lists of texts; infinite if the words differ."""
    one, other = "\n".join(texts), "\n".join(others)
    if NUMBER.sub("#", one) != NUMBER.sub("#", other):
        return float("inf")
    pairs = zip(map(float, NUMBER.findall(one)), map(float, NUMBER.findall(other)), strict=True)
    return max([abs(a - b) / max(1.0, abs(a)) for a, b in pairs], default=0.0)


def main() -> None:
    """Run the lessons that are saved with outputs, and write those whose texts have changed."""
    with tempfile.TemporaryDirectory() as folder:
        found = executed(SAVED, Path(folder))
    for path in SAVED:
        lesson = json.loads(path.read_text(encoding="utf-8"))
        ours = [cell for cell in lesson["cells"] if cell["cell_type"] == "code"]
        theirs = [cell for cell in found[path.stem].cells if cell.cell_type == "code"]
        if all(closeness(texts_of(a), texts_of(b)) == 0.0 for a, b in zip(ours, theirs, strict=True)):
            continue
        for count, (cell, ran) in enumerate(zip(ours, theirs, strict=True), 1):
            cell["execution_count"], cell["outputs"] = count, outputs_of(ran, count)
        path.write_text(json.dumps(lesson, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
