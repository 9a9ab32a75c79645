"""The time of an exported function, next to the same function written by hand.

The expression has 52 operations and seven variables.  `gradcli export` writes its value and gradient in C, and a person
wrote them in C, too: by hand, with the steps that they share, and without a thought for infinities.  Both are compiled
with ``-O2`` and called in turn.  The exported function also gives nan where the expression has no value.

    python benchmarks/languages.py [--check]
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from harness import Bound, Options, Table, main

EXPRESSION = (
    "u = a*x + b*y + c*z + d; v = a*x*y - b*y*z + c*z*x; r = sqrt(1 + u^2 + v^2); "
    "exp(-r/2)*sin(u) + cos(v)*log1p(r^2) + u*v/r + (x*y + y*z + z*x)/(1 + r) "
    "+ (u - v)^2/(2 + x^2 + y^2 + z^2) - 3*a*b*c*d"
)

BY_HAND = """
#include <math.h>

double by_hand(const double *p, double *g) {
    const double a = p[0], x = p[1], b = p[2], y = p[3], c = p[4], z = p[5], d = p[6];
    const double u = a * x + b * y + c * z + d, v = a * x * y - b * y * z + c * z * x;
    const double r = sqrt(1.0 + u * u + v * v), w = r * r, e = exp(-0.5 * r), l = log1p(w), i = 1.0 / r;
    const double su = sin(u), cu = cos(u), sv = sin(v), cv = cos(v), s = x * y + y * z + z * x, ds = 1.0 / (1.0 + r);
    const double m = u - v, dn = 1.0 / (2.0 + x * x + y * y + z * z), dm = 2.0 * m * dn;
    const double o = m * m * dn, on = 2.0 * o * dn, uv = u * v * i;
    const double k = i * (2.0 * cv * r / (1.0 + w) - 0.5 * e * su - uv * i - s * ds * ds);
    const double du = e * cu + v * i + k * u + dm, dv = u * i - sv * l + k * v - dm;
    const double ab = 3.0 * a * b, cd = c * d;
    g[0] = du * x + dv * x * y - 3.0 * b * cd;
    g[1] = du * a + dv * (a * y + c * z) + ds * (y + z) - x * on;
    g[2] = du * y - dv * y * z - 3.0 * a * cd;
    g[3] = du * b + dv * (a * x - b * z) + ds * (x + z) - y * on;
    g[4] = du * z + dv * z * x - ab * d;
    g[5] = du * c + dv * (c * x - b * y) + ds * (x + y) - z * on;
    g[6] = du - ab * c;
    return e * su + cv * l + uv + s * ds + o - ab * cd;
}
"""

TIMING = r"""
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef double function(const double *, double *);
function by_hand, exported;

static double seconds(function *call, int calls) {
    double point[7] = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7}, gradient[7], total = 0.0;
    const clock_t began = clock();
    for (int i = 0; i < calls; i++) {
        point[1] = 0.2 + 1e-7 * i;
        total += call(point, gradient) + gradient[0] + gradient[5];
    }
    const double spent = (double)(clock() - began) / CLOCKS_PER_SEC;
    return total == total ? spent : NAN;
}

int main(int count, char **words) {
    const int calls = atoi(words[count - 2]), rounds = atoi(words[count - 1]);
    double best[2] = {INFINITY, INFINITY};
    for (int round = 0; round < rounds; round++) {
        best[0] = fmin(best[0], seconds(by_hand, calls));
        best[1] = fmin(best[1], seconds(exported, calls));
    }
    const double point[7] = {0.1, 0.2, -0.3, 0.4, 0.5, 0.6, 0.7};
    double one[7], other[7], worst = fabs(by_hand(point, one) - exported(point, other));
    for (int i = 0; i < 7; i++) worst = fmax(worst, fabs(one[i] - other[i]));
    printf("[%.17g, %.17g, %.17g]\n", best[0] / calls, best[1] / calls, worst);
    return 0;
}
"""


def tables(options: Options) -> Iterator[Table]:
    """One row for each of the two functions."""
    from gradcli import export_expression

    title, head = "Value and gradient of 52 operations, compiled with -O2", ["", "a call", "of by hand"]
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        yield Table(title, head, [["no C compiler is installed", "", ""]])
        return
    sources = {"by_hand": BY_HAND, "exported": export_expression(EXPRESSION, "c", name="exported"), "timing": TIMING}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for stem, text in sources.items():
            (folder / f"{stem}.c").write_text(text, encoding="utf-8")
        # Each file is compiled by itself, as a function of a library is.
        words = [compiler, "-std=c99", "-O2", *[f"{stem}.c" for stem in sources], "-o", "timing", "-lm"]
        subprocess.run(words, cwd=folder, check=True)
        sizes = ["1000", "1"] if options.quick else ["200000", str(10 * options.rounds)]
        done = subprocess.run([folder / "timing", *sizes], check=True, capture_output=True, text=True)
    by_hand, exported, worst = json.loads(done.stdout)
    if not worst < 1e-14:
        raise SystemExit(f"the two functions differ by {worst}")
    rows = [
        ["by hand", f"{1e9 * by_hand:.1f} ns", "1.00"],
        ["exported", f"{1e9 * exported:.1f} ns", f"{exported / by_hand:.2f}"],
    ]
    yield Table(title, head, rows, [] if options.quick else [Bound("exported to by hand", exported / by_hand, 1.1)])


if __name__ == "__main__":
    sys.exit(main(__doc__, tables, packages=(), rounds=7))
