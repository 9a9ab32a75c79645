"""`gradcli draw`: pictures in files, trees on the terminal."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.support.paths import ROOT

pytest.importorskip("pygraphviz")
Run = Callable[..., Any]
WORKED = ("x1*x2+sin(x1)", "--x1", "2", "--x2", "3")


class TestTree:
    def test_in_a_pipe_it_is_text_with_tabs(self, inside: Run) -> None:
        assert inside("draw", *WORKED).out.splitlines() == [
            "+\t6.909297426825682\t1.0\t-",
            "├─ *\t6.0\t1.0\t1.0",
            "│  ├─ x1 #1\t2.0\t2.5838531634528574\t3.0",
            "│  └─ x2\t3.0\t2.0\t2.0",
            "└─ sin\t0.9092974268256817\t1.0\t1.0",
            "   └─ x1 #1\t2.0\t2.5838531634528574\t-0.4161468365471424",
        ]

    def test_without_values_it_is_the_structure(self, inside: Run) -> None:
        assert inside("draw", "-x*2").out.splitlines() == ["*", "├─ -", "│  └─ x", "└─ 2"]

    def test_some_values_and_not_all_is_a_mistake(self, inside: Run) -> None:
        done = inside("draw", "a+b", "a=1")
        assert done.code == 2
        assert "no value for `b`" in done.err

    @pytest.mark.parametrize("width", [30, 80, 200])
    def test_on_a_terminal_no_digit_and_no_name_is_cut_off(self, inside: Run, width: int) -> None:
        out = inside("draw", "x*sin(x)/exp(sin(x)*3)", "x=2", terminal=True, width=width).out
        for shown in ("node", "local derivative", "sin #2, as above", "0.9092974268256817", "\x1b["):
            assert shown in out

    def test_on_a_terminal_colours_can_be_left_out(self, inside: Run) -> None:
        out = inside("draw", *WORKED, "--no-color", terminal=True).out
        assert "\x1b" not in out
        assert "2.5838531634528574" in out

    def test_a_terminal_without_unicode_gets_ascii(self, process: Run) -> None:
        done = process("draw", *WORKED, PYTHONIOENCODING="ascii")
        assert done.code == 0
        assert "|- *" in done.out

    def test_lost_digits_have_notes(self, inside: Run) -> None:
        done = inside("draw", "(exp(x) - 1)/x", "x=1e-10")
        assert "nearly equal numbers cancel here: the value has only" in done.err
        assert "d/dx is 0.5; step by step, the formula loses digits and arrives at -826.4" in done.err
        assert not inside("draw", "exp(x)/x", "x=1e-10").err

    def test_notes_go_to_standard_error(self, inside: Run) -> None:
        done = inside("draw", "abs(x)", "x=0")
        assert "kink" in done.err or "note" in done.err
        assert done.code == 0

    def test_a_large_graph_says_so(self, inside: Run) -> None:
        done = inside("draw", "+".join(f"x{i}" for i in range(300)))
        assert "the graph has 599 vertices, too many to take in" in done.err
        assert "... 1 operand not shown" in done.out or "... 2 operands not shown" in done.out

    def test_a_depth_that_is_asked_for_says_nothing(self, inside: Run) -> None:
        done = inside("draw", "sin(cos(exp(x)))", "--depth", "1")
        assert done.out.splitlines() == ["sin", "└─ cos", "   └─ ... 1 operand not shown"]
        assert done.err == ""


class TestFiles:
    @pytest.mark.parametrize(
        ("suffix", "start"),
        [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("dot", b"digraph"), ("SVG", b"<?xml")],
    )
    def test_the_suffix_is_the_format(self, inside: Run, tmp_path: Path, suffix: str, start: bytes) -> None:
        path = tmp_path / f"graph.{suffix}"
        done = inside("draw", *WORKED, "-o", str(path))
        assert (done.code, done.out) == (0, "")
        assert path.read_bytes().startswith(start)
        assert [found.name for found in tmp_path.iterdir()] == [path.name]

    @pytest.mark.parametrize("suffix", ["svg", "dot", "png", "pdf"])
    def test_with_an_empty_path_and_any_hash_seed_the_bytes_are_the_same(
        self, process: Run, tmp_path: Path, suffix: str
    ) -> None:
        contents = set()
        for seed in ("0", "1"):
            path = tmp_path / f"graph{seed}.{suffix}"
            done = process("draw", *WORKED, "-o", str(path), PATH="", PYTHONHASHSEED=seed)
            assert done.code == 0, done.err
            contents.add(path.read_bytes())
        assert len(contents) == 1

    def test_a_plus_a_has_two_edges(self, inside: Run, tmp_path: Path) -> None:
        inside("draw", "a+a", "--a", "3", "-o", str(tmp_path / "graph.svg"))
        root = ElementTree.fromstring((tmp_path / "graph.svg").read_text(encoding="utf-8"))
        assert (
            len([group for group in root.iter("{http://www.w3.org/2000/svg}g") if group.get("class") == "arrow"]) == 2
        )

    @pytest.mark.parametrize("style", ["full", "micrograd", "minigrad"])
    @pytest.mark.parametrize("rankdir", ["LR", "TB", "BT", "RL"])
    def test_every_style_can_go_in_every_direction(self, inside: Run, tmp_path: Path, style: str, rankdir: str) -> None:
        path = tmp_path / "graph.dot"
        done = inside("draw", *WORKED, "-o", str(path), "--style", style, "--rankdir", rankdir)
        assert done.code == 0
        assert f'rankdir="{rankdir}"' in path.read_text(encoding="utf-8")

    def test_without_graphviz_one_sentence_names_the_fix(self, process: Run, tmp_path: Path) -> None:
        (tmp_path / "sitecustomize.py").write_text(
            "import sys\nfrom importlib.machinery import PathFinder\n"
            "class Finder(PathFinder):\n"
            "    @classmethod\n"
            "    def find_spec(cls, name, path=None, target=None):\n"
            "        return None if name == 'pygraphviz' else super().find_spec(name, path, target)\n"
            "sys.meta_path[sys.meta_path.index(PathFinder)] = Finder\n",
            encoding="utf-8",
        )
        root = str(ROOT)
        paths = os.pathsep.join([str(tmp_path), root])
        done = process("draw", *WORKED, "-o", str(tmp_path / "graph.png"), PATH="", PYTHONPATH=paths)
        assert done.code == 5
        assert done.err == (
            "error: PNG needs Graphviz, which is not installed\n"
            '  pip install "gradcli[graphviz]"; or write .svg, which needs nothing\n'
        )
        for what in (WORKED, ["--net", "2,3,1"]):
            for suffix in ("svg", "dot"):
                assert process("draw", *what, "-o", str(tmp_path / f"a.{suffix}"), PATH="", PYTHONPATH=paths).code == 0

    def test_a_folder_that_is_missing(self, inside: Run, tmp_path: Path) -> None:
        done = inside("draw", "x", "-o", str(tmp_path / "none" / "graph.dot"))
        assert done.code == 5

    def test_dot_is_as_deep_as_is_asked_for(self, inside: Run, tmp_path: Path) -> None:
        path = tmp_path / "graph.dot"
        done = inside("draw", "-" * 2000 + "x", "--depth", "5000", "-o", str(path))
        assert "too many" not in done.err
        assert path.read_text(encoding="utf-8").count("->") == 2000

    def test_a_very_deep_graph_is_drawn_in_part(self, process: Run, tmp_path: Path) -> None:
        count = 100_000
        path = tmp_path / "graph.svg"
        done = process("draw", "-", "x=1", "-o", str(path), stdin="sin(" * count + "x" + ")" * count)
        assert done.code == 0
        assert "the graph has 100001 vertices" in done.err
        ElementTree.fromstring(path.read_text(encoding="utf-8"))


class TestJson:
    def test_it_is_the_whole_graph(self, inside: Run) -> None:
        document = json.loads(inside("draw", *WORKED, "--json").out)
        assert document["value"] == 6.909297426825682
        assert document["at"] == {"x1": 2.0, "x2": 3.0}
        assert [node["name"] for node in document["nodes"]] == ["x1", "x2", "*", "sin", "+"]
        assert document["edges"][2] == {"from": 0, "to": 3, "partial": -0.4161468365471424}
        assert document["file"] is None

    def test_large_graphs_are_not_cut(self, inside: Run) -> None:
        document = json.loads(inside("draw", "-" * 1000 + "x", "--json").out)
        assert len(document["nodes"]) == 1001
        assert document["value"] is None


class TestNet:
    def test_in_a_pipe_it_is_a_table(self, inside: Run) -> None:
        assert inside("draw", "--net", "2,3,1").out.splitlines() == [
            "layer\tsize\tweights\tbiases\tparameters",
            "input\t2\t0\t0\t0",
            "hidden\t3\t6\t3\t9",
            "output\t1\t3\t1\t4",
        ]

    def test_on_a_terminal_it_is_a_sketch(self, inside: Run) -> None:
        out = inside("draw", "--net", "2,3,1", terminal=True).out
        assert out.count("○") == 6
        assert "net 2 → 3 → 1: 13 parameters" in out

    @pytest.mark.parametrize("sizes", ["2,1", "2,3", "2,16,16,1", "784,128,10"])
    @pytest.mark.parametrize("suffix", ["svg", "png", "pdf", "dot"])
    def test_it_can_be_written_to_a_file(self, inside: Run, tmp_path: Path, sizes: str, suffix: str) -> None:
        path = tmp_path / f"net.{suffix}"
        assert inside("draw", "--net", sizes, "-o", str(path)).code == 0
        assert path.stat().st_size > 500

    def test_json_has_the_sizes_and_the_number_of_parameters(self, inside: Run) -> None:
        document = json.loads(inside("draw", "--net", "2,3,1", "--json").out)
        assert (document["net"], document["parameters"]) == ([2, 3, 1], 13)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["draw"], 2, "no expression is given"),
        (["draw", "x", "-o", "graph.jpg"], 2, "can't tell the format of the drawing `graph.jpg`"),
        (["draw", "x", "-o", "graph"], 2, "its name ends in .svg, .png, .pdf, .dot or .html"),
        (["draw", "x", "--style", "micrograt"], 2, "did you mean `micrograd`?"),
        (["draw", "x", "--rankdir", "XY"], 2, "unknown direction `XY`"),
        (["draw", "x", "--depth", "-1"], 2, "--depth"),
        (["draw", "x", "--depth", "a"], 2, "--depth"),
        (["draw", "sni(x)"], 3, "did you mean `sin`?"),
        (["draw", "x", "z=1"], 2, "no variable `z`"),
        (["draw", "--net", "2"], 2, "does not describe a net"),
        (["draw", "x", "--net", "2,1"], 2, "an expression has no meaning"),
        (["draw", "--net", "2,1", "x=1"], 2, "a value of `x` has no meaning"),
        (["draw", "--net", "2,1", "--depth", "1"], 2, "`--depth` has no meaning"),
        (["draw", "--net", "2,1", "--style", "micrograd"], 2, "`--style` has no meaning"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_an_exit_code(inside: Run, words: list[str], code: int, message: str) -> None:
    done = inside(*words)
    assert done.code == code
    assert message in done.err
    assert done.out == ""


@pytest.mark.skipif(sys.platform == "win32", reason="names of files")
def test_a_name_of_a_file_never_reaches_a_shell(inside: Run, tmp_path: Path) -> None:
    path = tmp_path / "a; touch b $(touch c) `touch d`.svg"
    assert inside("draw", "x", "-o", str(path)).code == 0
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


ARRAYS = ("sum((A@x)^2) + s*x[0]", "A=[[1,2],[3,4]]", "x=[1,2]", "s=3")


def test_arrays_are_drawn_with_their_shapes_and_the_norms_of_their_gradients(inside: Run) -> None:
    rows = [line.split("\t") for line in inside("draw", *ARRAYS).out.splitlines()]
    cells = {row[0].lstrip("│├└─ "): row[1:3] for row in rows}
    assert cells["sum"] == ["146.0", "1.0"]
    assert cells["A"] == ["shape 2 × 2", "norm 54.037024344425184"]
    assert cells["s"] == ["3.0", "1.0"]
    assert cells["[0]"] == ["1.0", "3.0"]
    document = json.loads(inside("draw", *ARRAYS, "--json").out)
    assert {node["name"]: node["shape"] for node in document["nodes"]}["@"] == "2"
    assert document["value"] == 149.0


def test_a_result_that_is_an_array_has_no_gradients_and_no_point_leaves_the_structure(inside: Run) -> None:
    assert inside("draw", "A@x", *ARRAYS[1:3]).out.splitlines()[0] == "@\tshape 2\t-\t-"
    assert inside("draw", "sum(A@x)").out.splitlines() == ["sum", "└─ @", "   ├─ A", "   └─ x"]
