"""A user's script for type checkers: each line is right, or ends in ``# wrong``.  It is checked, not run."""

from __future__ import annotations

import numpy as np

import gradcli
import gradcli.nn.functional as F
import gradcli.torch as torch
import gradcli.torch.nn.functional as TF
from gradcli import Scalar, Tensor, Value, functions, grad, hessian, nn, optim, value_and_grad
from gradcli.torch.utils.data import DataLoader, TensorDataset

# A training loop

x: Tensor = gradcli.randn(100, 2, seed=1)
y: Tensor = torch.zeros(100, 1, dtype=torch.float64)
net = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.LayerNorm(16), nn.Dropout(0.1), nn.Linear(16, 1))
optimizer = optim.Adam(net.parameters(), lr=1e-2, betas=(0.9, 0.99))
schedule = optim.StepLR(optimizer, step_size=10, gamma=0.5)
criterion = nn.MSELoss()
for features, targets in DataLoader(TensorDataset(x, y), batch_size=10, shuffle=True):
    optimizer.zero_grad()
    loss = criterion(net(features), targets)
    loss.backward()
    optimizer.step()
    number: float = loss.item()
schedule.step()
net.load_state_dict(net.state_dict())
net.train().eval()
bias: Tensor | None = nn.Linear(2, 3, bias=False).bias

optim.Adam(net.parameters(), lrr=1)  # wrong
optim.SGD(net.parameters(), lr="high")  # wrong
optim.Adan(net.parameters())  # wrong
optim.StepLR(optimizer, 10, gama=0.1)  # wrong
nn.Linear(2, 16, biass=False)  # wrong
nn.Linear("2", 16)  # wrong
nn.Relu()  # wrong
nn.LeakyReLU(slope=0.1)  # wrong
nn.MSELoss(reducton="sum")  # wrong
nn.HuberLoss(delta="1")  # wrong
net("text")  # wrong
net(x, x)  # wrong
net(x).itemm()  # wrong
criterion(x).item()  # wrong
loss.backwards()  # wrong
loss.backward(create_graf=True)  # wrong
optimizer.steps()  # wrong
net.zero_gradd()  # wrong
net.weigth  # wrong
text: str = net(x).item()  # wrong
TensorDataset(x, y, z=1)  # wrong
DataLoader(TensorDataset(x, y), batchsize=10)  # wrong

# A module of one's own


class Net(nn.Module):
    def __init__(self) -> None:
        self.first = nn.Linear(2, 8)
        self.scale = nn.Parameter([1.0])

    def forward(self, x: Tensor, power: int = 1) -> Tensor:
        return F.relu(self.first(x)) ** power * self.scale


own = Net()
output: Tensor = own(x, power=2)
for parameter in own.parameters():
    if parameter.grad is not None:
        with gradcli.no_grad():
            parameter.sub_(parameter.grad, alpha=0.1)
handle = own.register_forward_hook(lambda module, inputs, output: None)
handle.remove()
own(x, pow=2)  # wrong
own()  # wrong
own.secnd(x)  # wrong
own(x).shape.first  # wrong

# Tensors

a, b = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True), torch.ones(2, 2)
c: Tensor = 2 * a + b / 3 - a @ b.T + a**2 - abs(b) + np.ones(2) * a
d: Tensor = a.sum(dim=0).tanh() + a.sum(axis=1, keepdims=True).exp().mean() + a.softmax(dim=1).max()
values, indices = a.max(dim=1)
torch.sort(a, out=(b, b))
edges: Tensor = torch.histogram(a, bins=3).bin_edges + a.aminmax().max
e: Tensor = torch.where(a > 0, a, 0.0) + torch.cat([a, b], dim=0)[:2] + torch.stack([a, b])[0]
first, second = torch.split(a, 1)
shape: tuple[int, ...] = a.shape
rows: int = a.size(0)
array = a.detach().numpy().astype(float)
a.data -= 0.1 * b
b.add_(1.0).clamp_(min=0.0)
b[0, :] = 5
f: Tensor = torch.einsum("ij,jk->ik", a, b) + F.softmax(a, dim=1) + TF.mse_loss(a, b) + F.cross_entropy(a, [0, 1])
g: Tensor = torch.randn(2, 2, generator=torch.Generator().manual_seed(1)) + torch.full((2, 2), 1.0)
h: Tensor = torch.linalg.vector_norm(a) + torch.special.expit(a) + gradcli.zeros_like(a, dtype="float32")
a.sumx()  # wrong
a.sum(dimm=0)  # wrong
a.sum(0).reshpe(2)  # wrong
a.max(dim=1).indexes  # wrong
a.softmax()  # wrong
a.tanh(1)  # wrong
a.reshape("2")  # wrong
a.grd  # wrong
a + "text"  # wrong
a.requires_grad_("yes", 2)  # wrong
torch.sofmax(a, dim=1)  # wrong
torch.softmax(a, axs=1)  # wrong
torch.cat(a, b)  # wrong
torch.zeros(2, dtpye=torch.float32)  # wrong
torch.randn(2, sed=1)  # wrong
torch.linalg.vector_nrm(a)  # wrong
torch.float31  # wrong
F.rellu(a)  # wrong
F.softmax(a, dims=1)  # wrong
TF.mse_loss(a)  # wrong
Tensor([1.0], require_grad=True)  # wrong
gradcli.tensr([1.0])  # wrong

# Values

v = Value(2.0, label="v")
w: Value = (v * 3 + 1.0 / v).tanh() + functions.sin(v) ** 2 - Scalar(1.0).exp()
w.backward()
slope: float = v.grad
mlp = nn.MLP(2, [16, 1])
for p in mlp.parameters():
    p.data -= 0.1 * p.grad
v.tanhh()  # wrong
v.backward(1.0)  # wrong
Value("text", lable="v")  # wrong
v + "text"  # wrong
nn.MLP(2, 16)  # wrong

# Functions and expressions

s: float = functions.sin(1.0) + functions.atan2(1.0, 2) + functions.max(1.0, 2.0)
t: Tensor = functions.sin(a) + functions.hypot(a, 1.0) + functions.sum(a, axis=0)
u: float = grad(lambda x: x**2)(2.0)
two: tuple[float, ...] = grad(lambda x, y: x * y)(2.0, 3.0)
of_tensor: Tensor = grad(lambda x: (x**2).sum())(a)
one: float = grad(lambda x, y: x * y, 1)(2.0, 3.0)
value, slopes = value_and_grad(lambda x, y: x * y)(2.0, 3.0)
matrix: Tensor = gradcli.jacobian(lambda x: x**2)(a)
batch = gradcli.vmap(lambda x: x * 2, in_dims=0)(a)
with_options: float = grad(lambda x, p: x**p, 0)(2.0, p=3)
expression = gradcli.parse("x^2*y")
at: float = expression(x=2, y=3) + expression.gradient(x=2, y=3)["x"]
on_arrays: Tensor = expression(x=a, y=2.0)
compiled = gradcli.compile("x^2*y", derivatives="value")
result = compiled(x=[1.0, 2.0], y=3.0).mean()
both, parts = gradcli.compile(expression)(x=[1.0], y=2.0)
parts["x"].sum()
functions.sinn(1.0)  # wrong
functions.sin(1.0, 2.0)  # wrong
functions.sin("text")  # wrong
functions.sum(a, axs=0)  # wrong
grad(lambda x: x**2, argnum=0)  # wrong
grad(2.0)  # wrong
gradcli.jacobian(lambda x: x, argnum=1)  # wrong
gradcli.vmap(lambda x: x, indims=0)  # wrong
grad(lambda x: x**2)(2.0).foo  # wrong
hessian(lambda x: x**2, 1, 2, 3)  # wrong
gradcli.parse(2.0)  # wrong
gradcli.parse("x", variable=["x"])  # wrong
expression.derivativ("x")  # wrong
expression(2.0, 3.0).itm  # wrong
compiled(1.0).meen()  # wrong
gradcli.compile("x", derivative="value")  # wrong
parts.x  # wrong
