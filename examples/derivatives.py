"""Exact derivatives of Python functions: gradients, higher orders, a Hessian, and Newton's method with them."""

from gradcli import derivative, grad, hessian, parse, value_and_grad


def rosenbrock(x, y):
    """The banana-shaped valley; its minimum is at (1, 1)."""
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


value, (slope_x, slope_y) = value_and_grad(rosenbrock)(-1.0, 2.0)
print(f"rosenbrock(-1, 2) = {value}, gradient ({slope_x}, {slope_y})")

# Newton's method needs the gradient and the Hessian, and converges in a few steps.
x, y = -1.0, 2.0
for _ in range(6):
    gx, gy = grad(rosenbrock)(x, y)
    (a, b), (_, d) = hessian(rosenbrock)(x, y)
    determinant = a * d - b * b
    x, y = x - (d * gx - b * gy) / determinant, y - (a * gy - b * gx) / determinant
print(f"Newton's method arrives at ({x:.12f}, {y:.12f})")

# Derivatives of any order, of code with branches and loops.


def series(t):
    """exp(t) by its power series."""
    total = term = 1.0
    for k in range(1, 30):
        term = term * t / k
        total = total + term
    return total


print("derivatives of exp at 1:", *(f"{derivative(series, n)(1.0):.12f}" for n in range(4)))

# The same engine reads formulas.
bell = parse("exp(-x^2/2)/sqrt(tau)")
print(f"inflection of the bell curve: second derivative at 1 is {bell.derivative('x', 2)(x=1.0):.1e}")
