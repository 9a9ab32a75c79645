"""smolgrad's demonstration: a wave below a wave, told apart by a net of 86 parameters, from ten different starts."""

import time

import numpy as np

from gradcli import Tensor, manual_seed, nn, optim


def waves(random):
    """400 points and their classes: y = cos(4x) below y = 3 + sin(2x), with noise."""
    x = np.linspace(-1.5, 1, 200)
    below = np.column_stack([x, np.cos(4 * x) + random.normal(0, 0.2, 200)])
    above = np.column_stack([x, np.sin(2 * x) + random.normal(3, 0.2, 200)])
    return Tensor(np.vstack([below, above])), Tensor(np.repeat([0.0, 1.0], 200).reshape(-1, 1))


for seed in range(10):
    manual_seed(seed)
    x, y = waves(np.random.default_rng(seed))
    net = nn.Sequential(nn.Linear(2, 5), nn.ReLU(), nn.Linear(5, 10), nn.ReLU(), nn.Linear(10, 1), nn.Sigmoid())
    loss_of = nn.BCELoss()
    optimizer = optim.SGD(net.parameters(), lr=0.009, momentum=0.9)
    began = time.perf_counter()
    for _ in range(450):
        loss = loss_of(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    right = int(((net(x).detach().numpy() > 0.5) == (y.numpy() > 0.5)).sum())
    print(f"seed {seed}: loss {loss.item():.3f}, {right} of 400 right, {time.perf_counter() - began:.2f} s")
