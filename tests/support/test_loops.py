"""A test that loops over its cases fails if any of them does, and names it."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from gradcli.primitives import REGISTRY
from tests.support.loops import for_each, is_left_out

tried: list[tuple[Any, ...]] = []


@pytest.fixture(autouse=True)
def _nothing_tried() -> None:
    tried.clear()


@for_each("first", [1, 2])
@for_each(("second", "third"), [("a", 0.5), pytest.param("b", 1.5, id="half")])
def combined(first: int, second: str, third: float, fixture: str) -> None:
    tried.append((first, second, third, fixture))
    assert third < first, "too small"
    assert (first, second) != (2, "a")


def test_all_combinations_are_tried_and_those_that_fail_are_named() -> None:
    with pytest.raises(AssertionError) as caught:
        combined(fixture="given")
    assert tried == [(n, *pair, "given") for pair in (("a", 0.5), ("b", 1.5)) for n in (1, 2)]
    said = str(caught.value)
    assert said.startswith("2 of 4 cases fail")
    assert "[half-1] AssertionError: too small" in said
    assert "[a-0.5-2] AssertionError" in said
    assert caught.value.__cause__ is not None


def test_only_fixtures_are_left_as_arguments() -> None:
    assert [*inspect.signature(combined).parameters] == ["fixture"]


@pytest.mark.parametrize("failure", [ValueError("no number"), pytest.fail.Exception("said so")], ids=repr)
def test_every_kind_of_failure_counts(failure: BaseException) -> None:
    @for_each("n", range(30))
    def broken(n: int) -> None:
        raise failure

    with pytest.raises(AssertionError, match=f"{type(failure).__name__}: {failure}") as caught:
        broken()
    assert [f"[{n}]" in str(caught.value) for n in range(30)] == [True] * 30


def test_cases_may_be_skipped_if_one_is_tried() -> None:
    @for_each("n", [0, 1])
    def divided(n: int) -> None:
        if n == 0:
            pytest.skip("zero")
        tried.append((n,))

    divided()
    assert tried == [(1,)]

    @for_each("n", [0, 0])
    def skipped(n: int) -> None:
        pytest.skip("zero")

    with pytest.raises(pytest.skip.Exception, match="zero"):
        skipped()


def test_a_test_without_a_case_fails() -> None:
    @for_each("n", [])
    def nothing(n: int) -> None:
        """Never called."""

    with pytest.raises(AssertionError, match="no case"):
        nothing()


def test_arguments_must_fit_and_marks_belong_to_tests() -> None:
    with pytest.raises(AssertionError, match="2 arguments"):
        for_each("a, b", [(1, 2, 3)])
    with pytest.raises(AssertionError, match="marks"):
        for_each("a", [pytest.param(1, marks=pytest.mark.xfail)])


def test_one_of_eight_cases_of_rarely_used_functions_is_drawn_the_same_for_each_test() -> None:
    rare = sorted({*REGISTRY} - {primitive.name for primitive in REGISTRY.declared()})
    out = [is_left_out("a test", {"name": name}) for name in rare]
    assert len(rare) > 20
    assert 0.5 < sum(out) / len(out) < 1.0
    assert out == [is_left_out("a test", {"primitive": REGISTRY[name]}) for name in rare]
    assert not any(is_left_out("a test", {"rare": name}) for name in rare)
    assert not is_left_out("a test", {"name": "sin"})
