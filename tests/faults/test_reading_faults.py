"""What was read otherwise than meant, or refused although there is one reading.

The right reading of each text is given as a plain expression of the language, with all signs and parentheses.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

import pytest

from gradcli.evaluate.expression import parse
from tests.support.command_line import run_inside
from tests.support.loops import for_each
from tests.support.refusal import refusal


def readings_of(hint: str | None) -> list[str]:
    return re.findall("`([^`]*)`", hint or "")


ONE_READING: list[tuple[str, str]] = [
    # behind a closing bracket or bar
    ("(x+1)(x+2)", "(x+1)*(x+2)"),
    ("(x+1) (x+2)", "(x+1)*(x+2)"),
    ("sin(x)cos(x)", "sin(x)*cos(x)"),
    ("sin(x)x", "sin(x)*x"),
    ("(x+1)x", "(x+1)*x"),
    ("(x+1)x^2", "(x+1)*x^2"),
    ("(a)(b)(c)", "(a)*(b)*(c)"),
    ("2(x+1)(x+2)", "2*(x+1)*(x+2)"),
    ("-(a)(b)", "-(a*b)"),
    ("(a)(b)/c", "(a)*(b)/c"),
    ("(a)(b)^2", "a*b^2"),
    ("(a)(b)!", "a*b!"),
    ("c - (a)(b)", "c - a*b"),
    ("c*(a)(b)", "c*(a*b)"),
    ("e^(-x)(x+1)", "e^(-x)*(x+1)"),
    ("(x+1)²(x+2)", "(x+1)^2*(x+2)"),
    ("x²y", "x^2*y"),
    ("x²y³z", "x^2*y^3*z"),
    ("sin²(x)cos²(x)", "sin(x)^2*cos(x)^2"),
    ("sin^2(x)cos(x)", "sin(x)^2*cos(x)"),
    ("n!/(k!(n-k)!)", "n!/(k!*(n-k)!)"),
    ("n!x", "n!*x"),
    ("x[0]y[1]", "x[0]*y[1]"),
    ("(x)and(y)", "x and y"),
    ("max(x, y)z", "max(x, y)*z"),
    ("f(t) = t^2; f(x)f(y)", "x^2*y^2"),
    # bars
    ("2|x|", "2*abs(x)"),
    ("-2|x|", "-(2*abs(x))"),
    ("|x||y|", "abs(x)*abs(y)"),
    ("|x| |y| |z|", "abs(x)*abs(y)*abs(z)"),
    ("|x|y", "abs(x)*y"),
    ("|x|(y+1)", "abs(x)*(y+1)"),
    ("(y+1)|x|", "(y+1)*abs(x)"),
    ("v|v|", "v*abs(v)"),
    ("||x| - 1|", "abs(abs(x) - 1)"),
    ("|x + |y||", "abs(x + abs(y))"),
    ("2‖x‖", "2*norm(x)"),
    ("‖x‖‖y‖", "norm(x)*norm(y)"),
    ("∥x∥", "norm(x)"),
    ("⌊x⌋", "floor(x)"),
    ("⌈x⌉", "ceil(x)"),
    ("2⌊x⌋⌈y⌉", "2*floor(x)*ceil(y)"),
    # roots
    ("2π√(l/g)", "2*pi*sqrt(l/g)"),
    ("2√x", "2*sqrt(x)"),
    ("x√y", "x*sqrt(y)"),
    ("√(x)y", "sqrt(x)*y"),
    ("∛x", "cbrt(x)"),
    ("∛(x+1)", "cbrt(x+1)"),
    ("∜x", "x^0.25"),
    # powers and fractions
    ("x⁻¹", "x^-1"),
    ("10⁻³", "10^-3"),
    ("x⁺²", "x^2"),
    ("xⁿ", "x^n"),
    ("xⁿ⁻¹", "x^(n - 1)"),
    ("xⁿ⁺ᵏ", "x^(n + k)"),
    ("eˣ", "e^x"),
    ("e⁻ˣ", "e^-x"),
    ("e²ˣ", "e^(2*x)"),
    ("½", "1/2"),
    ("½x", "1/2*x"),
    ("½x²", "1/2*x^2"),
    ("½(a+b)h", "1/2*(a+b)*h"),
    ("¾π", "3/4*pi"),
    ("⅓x³", "1/3*x^3"),
    # signs
    ("a⋅b∙c∗d", "a*b*c*d"),
    ("a∕b⁄c", "a/b/c"),
    ("a – b", "a - b"),
    ("–a", "-a"),
    ("f(t) = t^3; f′(x)", "3*x^2"),
    ("f(t) = t^3; f″(x)", "f(t) = t^3; f''(x)"),
    ("f(t) = t^3; f’(x)", "3*x^2"),
    ("Γ(x)", "gamma(x)"),
    ("ψ(x)", "digamma(x)"),
    ("x ≤ y", "x <= y"),
    ("x ⩽ y", "x <= y"),
    ("x ≥ y", "x >= y"),
    ("x ≠ y", "x != y"),
    ("x₁ + x₂", "x₁ + x₂"),
    ("x̄ + 1", "x̄ + 1"),
    # a definition alone
    ("y = x^2", "x^2"),
    ("y = x^2;", "x^2"),
    ("x = x + 1", "x + 1"),
    ("f(x) = x^2", "x^2"),
    ("f(x, y) = x*y", "x*y"),
    ("r = x + y; z = r^2", "(x + y)^2"),
    ("g(t) = t + 1; f(x) = g(x)^2", "(x + 1)^2"),
    # logarithms
    ("log(x, b)", "log(x)/log(b)"),
    ("log(x, 2)", "log2(x)"),
    ("log(x, 10)", "log10(x)"),
    ("log(x, 3)", "log(x)/log(3)"),
    ("log_2(x)", "log2(x)"),
    ("log_10(x)", "log10(x)"),
    ("log_b(x)", "log(x)/log(b)"),
    ("log₂(x)", "log2(x)"),
    ("log₁₀(x)", "log10(x)"),
    ("logₐ(x)", "log(x)/log(a)"),
    ("log_2(x)^2", "log2(x)^2"),
    ("log_2^2(x)", "log2(x)^2"),
    # capitals
    ("SIN(x)", "sin(x)"),
    ("Sin(x)", "sin(x)"),
    ("SQRT(x) + ABS(y)", "sqrt(x) + abs(y)"),
    ("MAX(x, y)", "max(x, y)"),
    ("IF(x > 0, 1, 2)", "if(x > 0, 1, 2)"),
    ("Norm(x)", "norm(x)"),
    # numbers
    ("1_000", "1000"),
    ("1_000_000.5", "1000000.5"),
    ("1_000x", "1000*x"),
]


@for_each(("text", "meaning"), ONE_READING)
def test_a_text_with_one_reading_is_read(text: str, meaning: str) -> None:
    assert str(parse(text)) == str(parse(meaning))
    assert str(parse(str(parse(text)))) == str(parse(text))
    assert parse(text).notes == ()


TWO_READINGS: list[tuple[str, str, list[str]]] = [
    ("sin x", "missing_operator", ["sin(x)", "sin*x"]),
    ("ln|x|", "missing_operator", ["ln(|x|)", "ln*|x|"]),
    ("2sin√x", "missing_operator", ["sin(√x)", "sin*√x"]),
    ("sin^2 x", "ambiguous", ["sin(x)^2"]),
    ("1/2x", "ambiguous", ["1/(2*x)", "1/2*x"]),
    ("1/2x^2", "ambiguous", ["1/2*x^2", "1/(2*x^2)"]),
    ("1/2(a+b)", "ambiguous", ["1/2*(a+b)", "1/(2*(a+b))"]),
    ("1/2mv^2", "ambiguous", ["1/2*m*v^2"]),
    ("x/2y", "ambiguous", ["x/(2*y)", "x/2*y"]),
    ("1/(x+1)(x+2)", "ambiguous", ["1/((x+1)*(x+2))", "1/(x+1)*(x+2)"]),
    ("1/2(x+1)(x+2)", "ambiguous", ["1/2*(x+1)*(x+2)"]),
    ("n!/k!(n-k)!", "ambiguous", ["n!/(k!*(n-k)!)", "n!/k!*(n-k)!"]),
    ("1/2√x", "ambiguous", ["1/2*√x", "1/(2*√x)"]),
    ("2^3x", "ambiguous", ["2^(3*x)", "2^3*x"]),
    ("e^2x", "ambiguous", ["e^(2*x)", "e^2*x"]),
    ("x^2y", "ambiguous", ["x^2*y", "x^(2*y)"]),
    ("(x+1)^2(x+2)", "ambiguous", ["(x+1)^2*(x+2)", "(x+1)^(2*(x+2))"]),
    ("x(y+1)", "not_a_function", ["x*(y+1)"]),
    ("2πr(r+h)", "not_a_function", ["π*r*(r+h)"]),
    ("m v^2", "missing_operator", ["m*v^2"]),
    ("E = m c^2", "missing_operator", ["E = m*c^2"]),
    ("2 sin x cos x", "missing_operator", ["2*sin(x)*cos(x)"]),
    ("(x)2", "missing_operator", ["(x)*2"]),
    ("½mv²", "ambiguous", ["1/2*m*v^2"]),
    ("½gt²", "ambiguous", ["1/2*g*t^2"]),
    ("3!!", "ambiguous", ["(3!)!"]),
    ("x!!", "ambiguous", ["(x!)!"]),
    ("(x+1)!!", "ambiguous", ["((x+1)!)!"]),
    ("norm(3, 4)", "ambiguous", ["norm([3, 4])", "norm(3, ord=4)"]),
    ("mean(3, 0)", "ambiguous", ["mean([3, 0])", "mean(3, axis=0)"]),
    ("sum(1, 2)", "ambiguous", ["sum([1, 2])"]),
    ("norm(-3, 4)", "ambiguous", ["norm([-3, 4])"]),
    ("norm(1+2, pi)", "ambiguous", ["norm([1+2, pi])"]),
    ("0x1F", "ambiguous", ["31", "0*x1F"]),
    ("0b101 + x", "ambiguous", ["5", "0*b101"]),
    ("0o17", "ambiguous", ["15", "0*o17"]),
    ("1__0", "ambiguous", ["1*__0"]),
    ("1_000_", "ambiguous", ["1_000*_"]),
    ("1e3x", "ambiguous", ["1e3*x"]),
    ("1.5E-3x^2", "ambiguous", ["1.5E-3*x^2"]),
    ("exp^-1(x)", "ambiguous", ["1/exp(x)"]),
    ("x>0 ? x : -x", "character", ["where(x>0, x, -x)"]),
    ("x if x > 0 else -x", "missing_operator", ["where(x > 0, x, -x)"]),
    ("np.exp(-x)", "character", ["exp(-x)"]),
    ("math.sqrt(x) + math.sin(y)", "character", ["sqrt(x) + sin(y)"]),
    ("x > 0 && y > 0", "character", ["x > 0 and y > 0"]),
]


@for_each(("text", "kind", "readings"), TWO_READINGS)
def test_a_text_with_two_readings_is_refused_and_shows_the_likely_one_first(
    text: str, kind: str, readings: list[str]
) -> None:
    error = refusal(text)
    shown = readings_of(error.hint)
    assert (error.kind, shown[: len(readings)]) == (kind, readings)
    for reading in shown:
        parse(reading.replace("...", "1"))


@pytest.mark.parametrize(
    "text", ["|2|x| - 1|", "|2|(x)| - 1|", "[sin(x) cos(x)]", "[(x) (y)]", "x[0](y)", "① + x", "x 2"]
)
def test_what_nobody_can_tell_is_refused(text: str) -> None:
    assert refusal(text).exit_code == 3


NOTED: list[tuple[str, str, str, str | None]] = [
    # text, kind, the word, the other reading
    ("A*sin(w*t+phi)", "constant", "phi", "phi_1"),
    ("exp(-t/tau)", "constant", "tau", "tau_1"),
    ("sin(phi)", "constant", "phi", "phi_1"),
    ("φ*x", "constant", "φ", "φ_1"),
    ("a*(1-e^2)", "constant", "e", "e_1"),
    ("e*V", "constant", "e", "e_1"),
    ("p*(1 - pi)", "constant", "pi", "pi_1"),
    ("pi^y", "constant", "pi", "pi_1"),
    ("sinx", "name", "sinx", "sin(x)"),
    ("2sinx", "name", "sinx", "sin(x)"),
    ("lnx", "name", "lnx", "ln(x)"),
    ("sqrtx", "name", "sqrtx", "sqrt(x)"),
    ("sin2x", "name", "sin2x", "sin(2*x)"),
    ("cosθ", "name", "cosθ", "cos(θ)"),
    ("sintheta", "name", "sintheta", "sin(theta)"),
    ("x*y + xy", "name", "xy", "x*y"),
    ("xy", "name", "xy", "x*y"),
    ("2πr", "name", "πr", "π*r"),
    ("πr²", "name", "πr", "π*r"),
    ("2pir", "name", "pir", "pi*r"),
    ("ωt", "name", "ωt", "ω*t"),
    ("mgh", "name", "mgh", "m*g*h"),
    ("mc²", "name", "mc", "m*c"),
    ("E = mc^2", "name", "mc", "m*c"),
    ("ax^2", "name", "ax", "a*x"),
    ("A*sin(wt)", "name", "wt", "w*t"),
    ("x1x2", "name", "x1x2", "x1*x2"),
    ("v₀t", "name", "v₀t", "v₀*t"),
    ("x_1x_2", "name", "x_1x_2", "x_1*x_2"),
    ("PI*r^2", "name", "PI", "pi"),
    ("Pi*r^2", "name", "Pi", "pi"),
    ("sin*x", "name", "sin", "sin(x)"),
    ("exp^x", "name", "exp", "exp(x)"),
    ("sin^-1(x)", "inverse", "sin^-1(x)", "1/sin(x)"),
    ("sin⁻¹(x)", "inverse", "sin⁻¹(x)", "1/sin(x)"),
    ("tan^(-1)(x)", "inverse", "tan^(-1)(x)", "1/tan(x)"),
    ("log(2, x)", "base", "log(2, x)", "log(x, 2)"),
    ("||x||", "bars", "||x||", "norm(x)"),
]


@for_each(("text", "kind", "word", "other"), NOTED)
def test_what_some_people_mean_otherwise_has_a_note(text: str, kind: str, word: str, other: str) -> None:
    (note,) = parse(text).notes
    assert note.span is not None
    assert (note.kind, text[slice(*note.span)]) == (kind, word)
    assert readings_of(note.hint) == [other]
    parse(other)


@for_each(
    "text",
    [
        "x1*x2 + sin(x1)", "2*pi*r", "pi*r^2", "exp(-x^2)/sqrt(2*pi)", "e^x", "e^(-t)", "2e", "e", "pi/2", "inf*x",
        "theta*x", "mu + sigma*z", "rate*price", "dt*x", "dx/dt", "Δx/Δt", "lambda*x", "gamma*v", "beta*x",
        "alpha1 + alpha2", "theta_0", "w12*x", "x₁ + x₂", "learning_rate*g", "4*eps*x", "lam*x", "max_value*2",
        "log(x)", "log(x, 2)", "f(e) = e^2", "phi = 2; phi*x", "f(xy) = xy; f(2)",
    ],
)  # fmt: skip
def test_what_everyone_means_has_none(text: str) -> None:
    assert parse(text).notes == ()


@pytest.mark.parametrize("text", ["A*sin(w*t+phi)", "exp(-t/tau)", "xy", "sinx", "2πr", "PI*r", "sin*x"])
def test_a_name_that_has_a_value_is_meant(text: str) -> None:
    names = {note.message.split("`")[1] for note in parse(text).notes}
    assert names
    assert parse(text, variables=names).notes == ()


COMMANDS: list[list[str]] = [
    ["eval", "A*sin(w*t+phi)", "A=1", "w=2", "t=3"],
    ["grad", "A*sin(w*t+phi)", "A=1", "w=2", "t=3"],
    ["check", "A*sin(w*t+phi)", "A=1", "w=2", "t=3"],
    ["draw", "A*sin(w*t+phi)", "A=1", "w=2", "t=3"],
    ["draw", "A*sin(w*t+phi)"],
    ["diff", "A*sin(w*t+phi)", "--wrt", "A"],
    ["diff", "sinx"],
    ["diff", "2πr"],
    ["diff", "xy"],
    ["diff", "ax^2 + bx + c"],
    ["draw", "mgh"],
    ["map", "exp(-t/tau)", "--grid", "t=0:1:2"],
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_prints_the_note(words: list[str]) -> None:
    result = run_inside(*words)
    assert re.search("^note: `.*` is read as (one name|the constant)", result.err, re.MULTILINE)


@pytest.mark.parametrize(
    "words", [words for words in COMMANDS if words[0] != "map" and "ax^2" not in words[1]], ids=" ".join
)
def test_every_document_has_the_note(words: list[str]) -> None:
    (note,) = json.loads(run_inside(*words, "--json").out)["notes"]
    assert note["kind"] in ("name", "constant")
    assert note["message"]
    assert len(note["span"]) == 2


VALUES: list[tuple[list[str], str, float]] = [
    (["eval", "y = x^2", "--x", "3"], "", 9.0),
    (["eval", "y = x^2", "x=3"], "", 9.0),
    (["eval", "x=3", "y=x^2"], "", 9.0),
    (["eval", "f(x) = x^2", "x=3"], "", 9.0),
    (["eval", "x = 2"], "", 2.0),
    (["eval", "y = pi/2"], "", math.pi / 2),
    (["eval", "y = x^2", "x = 3"], "", 9.0),
    (["eval", "x = 3", "x^2"], "", 9.0),
    (["eval", "--", "x = 2"], "", 2.0),
    (["eval", "-"], "y = 3", 3.0),
    (["eval", "f(t, tau) = exp(-t/tau)", "t=1", "tau=2"], "", math.exp(-0.5)),
    (["eval", "-", "--x", "2"], "3", 3.0),
    (["eval", "-", "--x", "2", "--y", "1"], "3*x", 6.0),
    (["eval", "1_000 + 1"], "", 1001.0),
]


@pytest.mark.parametrize(("words", "stdin", "value"), VALUES)
def test_a_command_line_has_its_value(words: list[str], stdin: str, value: float) -> None:
    result = run_inside(*words, stdin=stdin)
    assert result.code == 0, result.err
    assert float(result.out) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("command", ["eval", "grad", "check", "draw", "diff"])
def test_an_equation_alone_means_its_right_side_on_every_command(command: str) -> None:
    found, number = run_inside(command, "y = 3", "--plain"), run_inside(command, "3", "--plain")
    assert (found.code, found.out) == (number.code, number.out)
    assert found.err == number.err


@pytest.mark.parametrize("command", ["eval", "grad", "check", "draw", "map"])
@pytest.mark.parametrize("words", [["y=3"], ["--y", "3"], ["x = 2", "y = 3"]])
def test_a_value_alone_is_no_expression_and_the_error_says_so(command: str, words: list[str]) -> None:
    result = run_inside(command, *words)
    name, value = ("x", 2) if len(words) == 2 and "=" in words[0] else ("y", 3)
    assert result.code == 2
    assert f"error: no expression is given: `{name}={value}` gives a value to `{name}`" in result.err


def test_a_value_that_an_expression_from_a_pipe_lacks_is_a_note_and_a_typed_one_an_error() -> None:
    piped = run_inside("grad", "-", "--x", "2", "--json", stdin="3")
    (note,) = json.loads(piped.out)["notes"]
    assert (piped.code, note["kind"]) == (0, "unused")
    assert "no variable `x`" in run_inside("eval", "-", "--x", "2", stdin="3").err
    assert run_inside("eval", "3*y", "--x", "2").code == 2
    assert run_inside("eval", "-", "--x", "2", stdin="3*y").code == 2


def test_many_products_without_signs_are_read_in_linear_time() -> None:
    count = 3000
    text: Any = "(x)" * count + "+" + "|x|" * count + "+" + "(|x||x|+" * count + "1" + ")" * count
    assert len(parse(text).graph.nodes) > 3 * count
