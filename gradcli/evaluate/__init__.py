"""An expression at a point: its value, its derivatives, notes on them, compiled forms, and checks of the gradient."""
