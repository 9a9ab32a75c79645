"""The price of options and its derivatives (the "Greeks") as columns of a pandas table.

A compiled function takes columns as it takes arrays, and works on all rows at once.
"""

import pandas

import gradcli
from gradcli import functions as f


def price(spot, strike, volatility, years, rate=0.02):
    """Black and Scholes: what the right to buy at the strike is worth today."""
    spread = volatility * f.sqrt(years)
    upper = (f.log(spot / strike) + (rate + volatility**2 / 2) * years) / spread
    return spot * normal(upper) - strike * f.exp(-rate * years) * normal(upper - spread)


def normal(x):
    """The probability that a standard normal variable is below x."""
    return 0.5 * f.erfc(-x / 2**0.5)


value_and_greeks = gradcli.compile(price, wrt=["spot", "volatility", "years"])

table = pandas.DataFrame({"spot": [90.0, 100.0, 110.0], "volatility": [0.2, 0.2, 0.35], "years": [0.5, 1, 2]})
value, greeks = value_and_greeks(table["spot"], 100, table["volatility"], table["years"])
table["price"], table["delta"], table["vega"] = value, greeks["spot"], greeks["volatility"]
print(table.round(4).to_string(index=False))
