"""Functions of x, y and z: smooth ones and such with kinks, with all second derivatives or few."""

TEXTS = (
    "x*y + z",
    "x^2*y + sin(y)*z",
    "(x + y)^2 + exp(x*z)",
    "log(1 - sigmoid(x*y)) + z^3",
    "max(x*y, z^2) + abs(x)",
    "where(x > y, x*y, y*z)",
    "sqrt(x^2)*y + sqrt(x^2 + y^2)",
    "log(exp(x) + exp(y) + exp(z))",
    "x^y + hypot(x, z)/y",
    "x + y + z",
    "x*y*z",
    "1e300*x^2*y",
)
