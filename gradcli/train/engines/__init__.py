"""Engines: each computes the loss, the gradient and the predictions of a net in its own way."""
