"""Train a net on a table, watch it epoch by epoch, save it, and ask it about a flower it has not seen."""

import tempfile
from pathlib import Path

import numpy as np

from gradcli.train import Epoch, load, load_data, predict, save, start

table = Path(__file__).with_name("iris.csv")
run = start(load_data(str(table), target="species"), hidden=(8,), epochs=20, learning_rate=0.05)

for event in run.events():
    if isinstance(event, Epoch) and (event.epoch + 1) % 5 == 0:
        print(f"epoch {event.epoch + 1:2d}: loss {event.loss:.3f}, {event.measure:.1%} right")

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "iris.safetensors"
    save(path, run.checkpoint())
    flower = np.array([[6.1, 2.8, 4.7, 1.2]])
    (prediction,) = predict(load(path), flower)

print(f"a flower with petals of 4.7 by 1.2 cm: {prediction.value}")
