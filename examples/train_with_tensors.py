"""A PyTorch user's first script: two moons, a small net, mini-batches, Adam and cross-entropy."""

import numpy as np

from gradcli import Tensor, manual_seed, nn, no_grad, optim
from gradcli.train.data.datasets import moons

manual_seed(1)
random = np.random.RandomState(1)
points, classes = moons(400, 0.15, random)
train, test = slice(0, 300), slice(300, 400)

net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 2))
loss_of = nn.CrossEntropyLoss()
optimizer = optim.Adam(net.parameters(), lr=0.01)
print(net)
print(net.summary((1, 2)))


def right(rows):
    """How many of these rows the net knows."""
    with no_grad():
        scores = net(Tensor(points[rows])).detach().numpy()
    return int((scores.argmax(axis=1) == classes[rows]).sum())


for epoch in range(1, 61):
    for batch in np.split(random.permutation(300), 10):
        loss = loss_of(net(Tensor(points[batch])), classes[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 10 == 0:
        print(f"epoch {epoch:2d}: loss {loss.item():.4f}, {right(train)} of 300 right")

print(f"{right(test)} of 100 unseen points right")
