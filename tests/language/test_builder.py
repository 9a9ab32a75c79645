"""What each form of the language means, what is refused, and in which words."""

from __future__ import annotations

import math
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcli.errors import ExpressionError
from gradcli.evaluate.expression import parse
from gradcli.graph import Graph, Node, Options, Slice, toposort
from gradcli.language.parsed import CONSTANTS, ParsedExpression
from gradcli.primitives import REGISTRY, ArrayFunction
from tests.support.loops import for_each
from tests.support.refusal import check_refusal

POINT = {"x": 0.7, "y": 1.9, "z": -0.4}


def value_of(text: str, **at: float) -> float:
    expression = parse(text)
    return expression(**{name: {**POINT, **at}[name] for name in expression.variables})


x, y, z = POINT["x"], POINT["y"], POINT["z"]

MEANINGS: list[tuple[str, float]] = [
    # precedence and associativity
    ("1 + 2*3", 7.0),
    ("(1 + 2)*3", 9.0),
    ("8 - 3 - 2", 3.0),
    ("8/4/2", 1.0),
    ("8/4*2", 4.0),
    ("2^3^2", 512.0),
    ("(2^3)^2", 64.0),
    ("2**3", 8.0),
    ("2**3**2", 512.0),
    ("-x^2", -(x**2)),
    ("(-2)^2", 4.0),
    ("-2^2", -4.0),
    ("2^-1", 0.5),
    ("2^-2^2", 2.0**-4),
    ("2*-3", -6.0),
    ("2 - -3", 5.0),
    ("--x", x),
    ("-+-x", x),
    ("+x", x),
    ("-3!", -6.0),
    ("3!", 6.0),
    ("(3!)!", 720.0),
    ("2^3!", 64.0),
    ("-7 % 3", 2.0),
    ("7 % -3", -2.0),
    ("2*7 % 4", 2.0),
    ("1 + 7 % 4", 4.0),
    # comparisons and logic
    ("1 < 2", 1.0),
    ("2 <= 2", 1.0),
    ("2 > 2", 0.0),
    ("2 >= 3", 0.0),
    ("1 + 1 == 2", 1.0),
    ("1 != 1", 0.0),
    ("1 ≤ 2", 1.0),
    ("1 ≥ 2", 0.0),
    ("1 ≠ 2", 1.0),
    ("not 1 == 2", 1.0),
    ("not not 3", 1.0),
    ("1 or 0 and 0", 1.0),
    ("(1 or 0) and 0", 0.0),
    ("1 < 2 and 2 < 3", 1.0),
    ("(1 < 2) < 3", 1.0),
    ("2 * (1 < 2) + 1", 3.0),
    ("5!=120", 1.0),
    ("if(1 < 2, 10, 20)", 10.0),
    ("where(1 > 2, 10, 20)", 20.0),
    # products without a sign
    ("2x", 2 * x),
    ("2 x", 2 * x),
    ("3(x + 1)", 3 * (x + 1)),
    ("2pi", 2 * math.pi),
    ("2x^2", 2 * x**2),
    ("-2x", -2 * x),
    ("2x*3y", 2 * x * (3 * y)),
    ("2x + 3y", 2 * x + 3 * y),
    ("2sin(x)", 2 * math.sin(x)),
    ("2x!", 2 * math.gamma(x + 1)),
    ("2e3*x", 2000 * x),
    ("2e", 2 * math.e),
    ("1/2*x", 0.5 * x),
    ("2(3(x))", 6 * x),
    # absolute values and roots
    ("|x|", abs(x)),
    ("|z|", abs(z)),
    ("||z| - 1|", abs(abs(z) - 1)),
    ("|z|*|z|", z * z),
    ("2*|z| + |z - |y||", 2 * abs(z) + abs(z - abs(y))),
    ("√x", math.sqrt(x)),
    ("√4", 2.0),
    ("√(x + 1)", math.sqrt(x + 1)),
    ("√sin(x)", math.sqrt(math.sin(x))),
    ("2*√x", 2 * math.sqrt(x)),
    # constants
    ("pi", math.pi),
    ("π", math.pi),
    ("e", math.e),
    ("tau - τ", 0.0),
    ("phi", (1 + math.sqrt(5)) / 2),
    ("φ", (1 + math.sqrt(5)) / 2),
    ("inf", math.inf),
    ("-∞", -math.inf),
    ("1e999", math.inf),
    ("nan", math.nan),
    # numbers
    (".5", 0.5),
    ("2.", 2.0),
    ("1e3", 1000.0),
    ("1.5E-3", 0.0015),
    ("1e+2", 100.0),
    # Unicode operators and superscripts
    ("3·x÷2−1×2", 3 * x / 2 - 2),
    ("x²", x**2),
    ("x³", x**3),
    ("x⁴", x**4),
    ("x¹⁰", x**10),
    ("x²³", x**23),
    ("-x²", -(x**2)),
    ("(x + 1)²", (x + 1) ** 2),
    # functions and their second spellings
    ("ln(x)", math.log(x)),
    ("log(x)", math.log(x)),
    ("arcsin(x)", math.asin(x)),
    ("asin(x)", math.asin(x)),
    ("arctan2(x, y)", math.atan2(x, y)),
    ("atan2(x, y)", math.atan2(x, y)),
    ("max(x, y)", max(x, y)),
    ("max(x, y, z, 9)", 9.0),
    ("min(x, y, z)", z),
    ("sin (x)", math.sin(x)),
    ("sin(x)^2", math.sin(x) ** 2),
    ("sin^2(x)", math.sin(x) ** 2),
    ("sin²(x)", math.sin(x) ** 2),
    ("sin^2(x)^3", math.sin(x) ** 6),
    ("2sin^2(x)", 2 * math.sin(x) ** 2),
    ("sin^12(x)", math.sin(x) ** 12),
    # definitions
    ("r = x + y; r*r", (x + y) ** 2),
    ("r = x; s = r + 1; r*s", x * (x + 1)),
    ("r = 2; r = 3; r", 3.0),
    ("x = x + 1; x = x + 1; x", x + 2),
    ("r = x; r;", x),
    ("pi = 3; pi", 3.0),
    ("f(t) = t^2 + 1; f(x) + f(2)", x**2 + 1 + 5),
    ("f(t) = t + 1; g(t) = f(t)*f(2t); g(x)", (x + 1) * (2 * x + 1)),
    ("a = 2; f(t) = a*t; a = 5; f(x)", 2 * x),
    ("f(s, t) = s - t; f(x, y)", x - y),
    ("f(x) = x^2; f(y) + x", y**2 + x),
    ("f(e) = e^2; f(3)", 9.0),
    ("f() = x + 1; f()", x + 1),
    ("sin(t) = t; sin(x)", x),
    ("sin = 3; sin*x", 3 * x),
    ("sin = 3; sin(x)", math.sin(x)),
    ("f(t) = t; f^2(x)", x**2),
    ("f(t) = t; f²(x) + f(x)", x**2 + x),
    ("f(t) = t; f(x) + f(x)^2", x + x**2),
    ("f(t) = t; 2f(x)", 2 * x),
    # derivatives
    ("diff(x^3, x)", 3 * x**2),
    ("diff(x^3, x, 2)", 6 * x),
    ("diff(x^3, x, 0)", x**3),
    ("diff(x^2*y, y)", x**2),
    ("diff(diff(x^2*y, x), y)", 2 * x),
    ("x + diff(sin(x), x)*2", x + 2 * math.cos(x)),
    ("sin'(x)", math.cos(x)),
    ("sin''(x)", -math.sin(x)),
    ("exp'''(2x)", math.exp(2 * x)),
    ("sin'^2(x)", math.cos(x) ** 2),
    ("sin'(x^2)", math.cos(x**2)),
    ("f(t) = t^3; f'(x)", 3 * x**2),
    ("f(t) = t^3; f''(x)", 6 * x),
    ("f(t) = t^3; f'(2)", 12.0),
    ("f(t) = y*t^2; f'(y)", 2 * y * y),
    ("f(t) = t^2; g(t) = f'(t)*t; g'(x)", 4 * x),
    ("r = x^2; diff(r*x, x)", 3 * x**2),
    ("r = x; diff(r^2, r)", 2 * x),
    # diff inside a function differentiates by the parameter and not by what it is given
    ("f(t) = diff(t^2, t); f(3)", 6.0),
    ("f(t) = diff(t*x, t); f(x)", x),
    ("f(t) = diff(t*x, x); f(x^2)", x**2),
    ("f(t) = diff(t^3, t); f'(x)", 6 * x),
    ("f(t) = diff(t^3, t); g(s) = f(2s); g(x)", 12 * x**2),
    ("f(s, t) = diff(s*t^2, t); f(y, x)", 2 * x * y),
    ("f(t) = t + diff(t^2, t); f(x) + f(2)", 3 * x + 6),
    ("diff = 3; diff*x", 3 * x),
]


@for_each(("text", "expected"), MEANINGS)
def test_a_text_has_its_value(text: str, expected: float) -> None:
    assert value_of(text) == pytest.approx(expected, rel=1e-14, abs=1e-300, nan_ok=True)


@for_each(("text", "value"), MEANINGS)
def test_the_canonical_form_is_a_fixpoint_with_the_same_value(text: str, value: float) -> None:
    printed = str(parse(text))
    assert str(parse(printed)) == printed
    assert value_of(printed) == pytest.approx(value_of(text), rel=1e-14, abs=1e-300, nan_ok=True)


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("x1*x2 + sin(x1)", ("x1", "x2")),
        ("y + x", ("y", "x")),
        ("theta_0*w12", ("theta_0", "w12")),
        ("α + β_1 + Ωx", ("α", "β_1", "Ωx")),
        ("gamma*v", ("gamma", "v")),
        ("sin + cos*2", ("sin", "cos")),
        ("diff + max", ("diff", "max")),
        ("xy", ("xy",)),
        ("nota + order + android", ("nota", "order", "android")),
        ("not_x + or_", ("not_x", "or_")),
        ("x₁ + x₂", ("x₁", "x₂")),
        ("2x1", ("x1",)),
        ("r = a; b", ("a", "b")),
        ("f(t) = t*k; f(2)", ("k",)),
        ("f(t) = t*k; 2", ()),
        ("f(x) = x; f(2)", ()),
        ("pi*r^2", ("r",)),
        ("0*x", ("x",)),
        ("diff(x^2, x)", ("x",)),
        ("f(t) = diff(t*x, t); f(2)", ("x",)),
        ("sin'(2)", ()),
    ],
)
def test_names_are_never_split_and_variables_stand_in_order_of_appearance(
    text: str, variables: tuple[str, ...]
) -> None:
    assert parse(text).variables == variables


@pytest.mark.parametrize("name", ["pi", "e", "tau", "phi", "inf", "nan", "π"])
def test_a_variable_that_is_given_wins_over_a_constant(name: str) -> None:
    assert parse(f"2*{name}").variables == ()
    given_one = parse(f"2*{name}", variables=[name])
    assert given_one.variables == (name,)
    assert given_one(**{name: 21.0}) == 42.0
    assert given_one.gradient(**{name: 21.0}) == {name: 2.0}


def test_constants_keep_their_names() -> None:
    assert str(parse("π/2 + τ*e")) == "pi/2 + tau*e"
    assert set(CONSTANTS) >= {"pi", "e", "tau", "phi", "inf", "nan", "π", "τ", "φ", "∞"}


def test_the_parsed_graph_is_never_rewritten() -> None:

    assert str(parse("x*1 + 0")) == "x*1 + 0"
    assert str(parse("2*3 + pi/2")) == "2*3 + pi/2"
    doubled = parse("a + a").root
    assert len(doubled.operands) == 2
    assert doubled.operands[0] is doubled.operands[1]


@for_each(
    ("text", "kind", "span", "hint"),
    [
        ("sin x", "missing_operator", (0, 5), "write `sin(x)`, or `sin*x` if `sin` is a variable"),
        ("1/2x", "ambiguous", (0, 4), "write `1/(2*x)` or `1/2*x`"),
        ("1/-2x", "ambiguous", (0, 5), "write `1/(-2*x)` or `1/-2*x`"),
        ("2^3x", "ambiguous", (0, 4), "write `2^(3*x)` or `2^3*x`"),
        ("y%2x", "ambiguous", (0, 4), "write `y%(2*x)` or `y%2*x`"),
        ("1/2(x)", "ambiguous", (0, 6), "write `1/2*(x)` or `1/(2*(x))`"),
        ("1/2x^2", "ambiguous", (0, 6), "write `1/2*x^2` or `1/(2*x^2)`"),
        ("2x^3y", "ambiguous", (1, 5), "write `x^3*y` or `x^(3*y)`"),
        ("2 3", "missing_operator", (2, 3), "to multiply, write `2*3`"),
        ("x y", "missing_operator", (2, 3), "to multiply, write `x*y`"),
        ("x 2", "missing_operator", (2, 3), "to multiply, write `x*2`"),
        ("(x)2", "missing_operator", (3, 4), None),
        ("diff(x^2, 2)", "diff", (0, 12), "for example `diff(x^2, x)`"),
        ("diff(x^2, x, n)", "diff", (0, 15), "for example `diff(x^3, x, 2)`"),
        ("diff(x^2, x, -1)", "diff", (0, 16), "for example `diff(x^3, x, 2)`"),
        ("diff(x^2, x, 1.5)", "diff", (0, 17), "for example `diff(x^3, x, 2)`"),
        ("diff(x^2, x, n=2)", "option", (0, 17), "to compare, write `==`"),
        ("diff(x^2, x, inf)", "diff", (0, 17), "for example `diff(x^3, x, 2)`"),
        ("a < b < c", "chained", (0, 9), "join two of them: `a < b and b < c`"),
        ("a == b == c", "chained", (0, 11), None),
        ("sin(x=1)", "option", (0, 8), "to compare, write `==`"),
        ("f(t) = t; f(t=1)", "option", (10, 16), "to compare, write `==`"),
        ("if(a=b, 1, 2)", "syntax", (3, 6), "to compare, write `==`; options are last: `sum(A, axis=0)`"),
        ("sum(axis=0, x)", "syntax", (4, 10), "to compare, write `==`; options are last: `sum(A, axis=0)`"),
        ("sum(a + b = c)", "syntax", (4, 9), None),
        ("[a=1]", "syntax", (1, 4), None),
        ("x[0] = 3; x", "syntax", (0, 4), None),
        ("f(a=b) = a; 1", "syntax", (0, 6), None),
        ("x; y", "syntax", (3, 4), None),
        ("x; r = 2", "syntax", (3, 8), "put the result last, after a `;`"),
        ("2 = x; x", "syntax", (0, 1), None),
        ("f(t, t) = t; 1", "syntax", (0, 7), None),
        ("f(2) = 1; 1", "syntax", (0, 4), None),
        ("f'(t) = 1; 1", "syntax", (0, 5), None),
        ("x + 1 = 2; x", "syntax", (0, 5), None),
        ("f(t) = t = 2; 1", "syntax", (9, 10), None),
    ],
)
def test_what_is_refused_names_its_kind_its_place_and_a_way_out(
    text: str, kind: str, span: tuple[int, int], hint: str | None
) -> None:
    check_refusal(text, kind, span, hint)


def test_many_threads_may_parse_at_once() -> None:
    texts = [f"sin(x{i})*{i} + f{i}" + f" + x{i}" * i for i in range(40)]
    expected = [str(parse(text)) for text in texts]
    found: dict[int, str] = {}

    def work(offset: int) -> None:
        for i in range(offset, len(texts), 4):
            found[i] = str(parse(texts[i]))

    threads = [threading.Thread(target=work, args=(offset,)) for offset in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[i] for i in range(len(texts))] == expected


# Properties

ALPHABET = "xyzef019. +-*/^%!()|,;=<>²√πand or'sin[]@\n#é\x00\"\\{}·∞⁻₁٣"
PIECES = [
    "x", "y", "x1", "2", "1.5", ".5", "1e3", "sin(", "max(", "f(", "diff(", "where(", "sin'(", "sin^2(", "(", ")", "|",
    "+", "-", "*", "/", "^", "**", "%", "!", "!=", "==", "=", "<", "<=", "and ", "or ", "not ", ",", ";", "²", "√", "π",
    " ", "[", "]", "@", "'", "x[", "x[0]", "[1, 2]", ":", "sum(", "max(", "axis=0",
    "f(t)=t;", "r=2;", "nan", "inf", "e", "$", ":", "·", "−", "x(", "2x",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.text(max_size=30),
        st.text(ALPHABET, max_size=30),
        st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
    )
)
def test_the_parser_raises_nothing_but_an_expression_error_inside_the_text(text: str) -> None:
    error = None
    try:
        expression = parse(text)
    except ExpressionError as caught:
        error = caught
    if error is not None:
        assert error.span is not None
        assert 0 <= error.span.start <= error.span.end <= len(text)
        assert error.source is not None
        assert error.source.text == text
        assert error.message
        assert not error.message.endswith(".")
        return
    printed = str(expression)
    assert str(parse(printed)) == printed
    for spans in expression.spans.values():
        assert all(0 <= span.start <= span.end <= len(text) for span in spans)


PRINTABLE = [
    primitive
    for primitive in REGISTRY.public()
    if not primitive.static and primitive.name not in ("neg",)  # the negative of a number is a number to the parser
]


ARRAYS: list[Any] = [*REGISTRY.offered.values(), REGISTRY.arrays["index"]]
SMALL = st.integers(-3, 3)
SLICES = st.builds(Slice, st.none() | SMALL, st.none() | SMALL, st.none() | st.integers(1, 3) | st.just(-1))


@st.composite
def options_of(draw: st.DrawFn, function: ArrayFunction) -> Options:
    """Options that are not the default ones."""
    if function.name == "index":
        return (("key", tuple(draw(st.lists(SMALL | SLICES, min_size=1, max_size=3)))),)
    values = SMALL | st.tuples(SMALL, SMALL) | st.just(math.inf) | st.just(0.5)
    return tuple(
        (name, value)
        for name, default in function.options.items()
        if draw(st.booleans()) and (value := draw(values)) != default
    )


@st.composite
def graphs(draw: st.DrawFn) -> Node:
    """A random graph with sharing, over variables, named and plain constants."""
    graph = Graph()
    numbers = st.floats(allow_nan=False, allow_infinity=False)
    nodes = [graph.variable(name) for name in ("x", "y", "t1", "gamma")]
    nodes += [graph.constant(math.pi, "pi"), graph.constant(draw(numbers)), graph.constant(draw(numbers))]
    for _ in range(draw(st.integers(0, 12))):
        primitive = draw(st.sampled_from(PRINTABLE + ARRAYS))
        if isinstance(primitive, ArrayFunction):
            count = primitive.arity + (draw(st.integers(0, 2)) if primitive.variadic else 0)
            operands = [draw(st.sampled_from(nodes)) for _ in range(count)]
            nodes.append(graph.add(primitive, operands, draw(options_of(primitive))))
            continue
        count = primitive.arity + (draw(st.integers(0, 2)) if primitive.variadic else 0)
        nodes.append(graph.add(primitive, [draw(st.sampled_from(nodes)) for _ in range(count)]))
    variables = nodes[:4]
    if nodes[-1].primitive is not None and draw(st.booleans()):
        variable = draw(st.sampled_from(variables))
        nodes.append(graph.add(REGISTRY["neg"], [variable]))
        nodes.append(graph.add(REGISTRY["mul"], [nodes[-1], nodes[-2]]))
    return nodes[-1]


def same(first: Node, second: Node) -> bool:
    """Whether two graphs have the same nodes in the same places."""
    image: dict[Node, Node] = {}
    stack = [(first, second)]
    while stack:
        one, other = stack.pop()
        if one in image:
            if image[one] is not other:
                return False
            continue
        image[one] = other
        if one.primitive is not other.primitive or len(one.operands) != len(other.operands) or one.name != other.name:
            return False
        if repr(one.constant) != repr(other.constant) or one.options != other.options:
            return False
        stack.extend(zip(one.operands, other.operands, strict=True))
    return True


@settings(max_examples=300, deadline=None)
@given(graphs())
def test_what_is_printed_parses_to_the_same_graph(root: Node) -> None:
    text = str(_expression(root))
    assert same(root, parse(text).root), text


def _expression(root: Node) -> object:
    from gradcli.evaluate.expression import Expression
    from gradcli.source import Source

    variables = [str(node.name) for node in toposort([root]) if node.is_variable]
    return Expression(ParsedExpression(Source(""), root, variables, {}))


def test_parsing_leaves_the_collector_as_it_was() -> None:
    import gc

    for switch in (gc.disable, gc.enable):
        switch()
        before = gc.isenabled()
        parse("x + 1")
        with pytest.raises(ExpressionError):
            parse("x +")
        assert gc.isenabled() == before
