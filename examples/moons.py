"""Train a net of scalars on two half moons, the way micrograd's demo does, in thirty lines."""

import math
import random

from gradcli import Value
from gradcli.nn import MLP

random.seed(1)
POINTS = 40


def moon(index):
    """A point on one of two interleaved half circles, and its label -1 or 1."""
    angle = math.pi * random.random()
    if index % 2:
        return (1 - math.cos(angle), 0.5 - math.sin(angle)), 1
    return (math.cos(angle), math.sin(angle)), -1


data = [moon(index) for index in range(POINTS)]
net = MLP(2, [8, 8, 1], activation="tanh", initialization="lecun")
print(f"{net.__class__.__name__} with {len(net.parameters())} parameters")

for step in range(101):
    scores = [net([Value(x) for x in point]) for point, _ in data]
    loss = sum((1 - label * score).relu() for score, (_, label) in zip(scores, data)) / POINTS
    right = sum((score.data > 0) == (label > 0) for score, (_, label) in zip(scores, data))
    loss.backward()
    for parameter in net.parameters():
        parameter.data -= (1.0 - 0.009 * step) * parameter.grad
    if step % 20 == 0:
        print(f"step {step:3d}: loss {loss.data:.4f}, {right} of {POINTS} right")
