"""A transformer learns to write words backwards, letter by letter: attention finds where each letter comes from."""

import numpy as np

from gradcli import manual_seed, nn, no_grad, optim

LETTERS = "abcdefghijklmnopqrstuvwxyz>"
LENGTH, WIDTH = 6, 32


class Block(nn.Module):
    """Attention and a small net, each added to what comes in."""

    def __init__(self):
        self.norm, self.attention = nn.LayerNorm(WIDTH), nn.CausalSelfAttention(WIDTH, num_heads=2)
        self.mlp = nn.Sequential(
            nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 2 * WIDTH), nn.GELU(), nn.Linear(2 * WIDTH, WIDTH)
        )

    def forward(self, x):
        x = x + self.attention(self.norm(x))
        return x + self.mlp(x)


class Transformer(nn.Module):
    """Scores of the next letter at every position."""

    def __init__(self):
        self.letters, self.places = nn.Embedding(len(LETTERS), WIDTH), nn.Embedding(2 * LENGTH, WIDTH)
        self.blocks = nn.Sequential(Block(), Block())
        self.head = nn.Sequential(nn.LayerNorm(WIDTH), nn.Linear(WIDTH, len(LETTERS)))

    def forward(self, text):
        return self.head(self.blocks(self.letters(text) + self.places(np.arange(text.shape[1]))))


def backwards(net, word):
    """The word as the net writes it after "word>", one letter after the other."""
    text = [LETTERS.index(letter) for letter in word + ">"]
    with no_grad():
        for _ in word:
            text.append(int(net(np.array([text])).detach().numpy()[0, -1].argmax()))
    return "".join(LETTERS[i] for i in text[len(word) + 1 :])


manual_seed(0)
random = np.random.default_rng(0)
net = Transformer().float()
optimizer = optim.AdamW(net.parameters(), lr=0.005)
loss_of = nn.CrossEntropyLoss()
print(net.summary((1, 2 * LENGTH)))

for step in range(141):
    words = random.integers(0, 26, (64, LENGTH))
    text = np.hstack([words, np.full((64, 1), 26), words[:, ::-1]])
    scores = net(text[:, :-1])[:, LENGTH:]
    loss = loss_of(scores.reshape(-1, len(LETTERS)), text[:, LENGTH + 1 :].reshape(-1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 20 == 0:
        print(f"step {step:3d}: loss {loss.item():.3f}, planet -> {backwards(net, 'planet')}")
