"""Engines: each computes the loss, its gradient and predictions of a net, by other means."""
