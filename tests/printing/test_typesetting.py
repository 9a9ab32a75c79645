"""Brackets of LaTeX are as high as their content, and rows with fractions have room."""

from __future__ import annotations

import pytest

from gradcli.printing.typesetting import typeset


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (r"\left(x + 1\right)^{2}", r"(x + 1)^{2}"),
        (r"\left(\frac{x}{2}\right)^{2}", r"\left(\frac{x}{2}\right)^{2}"),
        (r"\left(y \, \left(x + 1\right)\right)", r"(y \, (x + 1))"),
        (r"\left(y + \left(\frac{x}{2}\right)\right)", r"\left(y + \left(\frac{x}{2}\right)\right)"),
        (r"\left(x\right) + \left(\frac{x}{2}\right)", r"(x) + \left(\frac{x}{2}\right)"),
        (r"\left(\sqrt{x}\right)^{3}", r"\left(\sqrt{x}\right)^{3}"),
        (r"\begin{bmatrix} \sqrt{x} \\ y \end{bmatrix}", r"\begin{bmatrix} \sqrt{x} \\ y \end{bmatrix}"),
        (r"\left|x\right|", r"\left|x\right|"),
        (r"2 \, \sin\left(x\right) \, \cos\left(x\right)", r"2 \sin(x) \cos(x)"),
        (r"x \, \operatorname{relu}\left(y\right) \, z", r"x \operatorname{relu}(y) \, z"),
        (r"x \, \exponent", r"x \, \exponent"),
        (r"\begin{bmatrix} x \\ y \end{bmatrix}", r"\begin{bmatrix} x \\ y \end{bmatrix}"),
        (
            r"\begin{bmatrix} \frac{\frac{x}{2}}{y} \\ y \end{bmatrix}",
            r"\begin{bmatrix} \dfrac{\frac{x}{2}}{y} \\[10pt] y \end{bmatrix}",
        ),
        (
            r"\begin{bmatrix} e^{\frac{x}{2}} \\ y \end{bmatrix}",
            r"\begin{bmatrix} e^{\frac{x}{2}} \\[10pt] y \end{bmatrix}",
        ),
        (
            r"\frac{1}{2} \, \begin{bmatrix} x \\ y \end{bmatrix}",
            r"\frac{1}{2} \, \begin{bmatrix} x \\ y \end{bmatrix}",
        ),
        (
            r"\begin{bmatrix} \left(\frac{x}{2}\right)^{2} \\ y \end{bmatrix} + \frac{x}{2}",
            r"\begin{bmatrix} \left(\dfrac{x}{2}\right)^{2} \\[10pt] y \end{bmatrix} + \frac{x}{2}",
        ),
        (
            r"\begin{cases} \frac{x}{2} & x > 0 \\ 0 & \text{otherwise} \end{cases}",
            r"\begin{cases} \dfrac{x}{2} & x > 0 \\[10pt] 0 & \text{otherwise} \end{cases}",
        ),
        (r"\mathrm{a\_b} \, \left\{x\right\}", r"\mathrm{a\_b} \, \left\{x\right\}"),
    ],
)
def test_latex_is_typeset(printed: str, expected: str) -> None:
    assert typeset(printed) == expected
