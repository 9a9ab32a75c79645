"""Numbers (`Value`) and arrays (`Tensor`) that record the operations applied to them, and derivatives of functions."""
