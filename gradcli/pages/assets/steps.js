/** The page of a derivation; `compute` returns the values of both sides of every line. */
const trees = [...document.querySelectorAll(".tree")];
const outputs = [...document.querySelectorAll("output[data-side]")];

find("open").addEventListener("click", () => setOpen(true));
find("close").addEventListener("click", () => setOpen(false));

function setOpen(isOpen) {
    for (const tree of trees) {
        for (const part of tree.querySelectorAll("details")) part.open = isOpen;
    }
}

const every = find("every");
if (every) {
    every.addEventListener("change", () => {
        for (const tree of trees) {
            if (tree.classList.contains("usual")) tree.hidden = every.checked;
            if (tree.classList.contains("every")) tree.hidden = !every.checked;
        }
    });
}

function showSides() {
    const values = compute(...point);
    for (const output of outputs) {
        const side = Number(output.dataset.side);
        output.textContent = `${short(values[side])} = ${short(values[side + 1])}`;
    }
}

if (compute) {
    makeSliders(beforeFrame(showSides), false);
    showSides();
}
