/** What a vertex shows when it is chosen: its numbers, its rule, its place in the formula and its derivative. */

let chosen = null;

function choose(vertex) {
    if (chosen) chosen.group.classList.remove("chosen");
    chosen = vertex;
    vertex.group.classList.add("chosen");
    for (const one of document.querySelectorAll("[data-v]")) {
        one.classList.toggle("place", one.dataset.v === String(vertex.place));
    }
    for (const one of document.querySelectorAll(".derivatives")) one.hidden = one.id !== `derivatives-${vertex.place}`;
    showNode();
}

function showNode() {
    if (!chosen) return;
    const place = stepOf.get(chosen.slot);
    const step = steps[place];
    const isKnown = position === last || sweeps.arrived[chosen.slot] === 1;
    const adjoint = sweeps.adjoints[chosen.slot];
    find("node").hidden = false;
    find("node-hint").hidden = true;
    find("node-name").textContent = `${step.name} = ${step.operation}`;
    find("node-about").textContent = step.about;
    const rows = [["value", place < position ? number(sweeps.values[chosen.slot]) : "not computed yet"]];
    rows.push(["gradient", isKnown ? number(adjoint) : "not computed yet"]);
    find("node-numbers").replaceChildren(...rows.flatMap(([word, text]) => [made("dt", "", word), made("dd", "", text)]));
    find("node-local").replaceChildren(...ruleOf(chosen.slot).map((text) => made("p", "", text)));
}

/** Return the local derivatives of a vertex as equations; those that have been computed end with their numbers. */
function ruleOf(slot) {
    const { name, formulas } = steps[stepOf.get(slot)];
    const numbers = new Map(sweeps.passed(slot).map(({ i, partial }) => [i, number(partial)]));
    const operands = slot < sweeps.first ? [] : sweeps.instructions[slot - sweeps.first].operands;
    return operands.flatMap((operand, i) => {
        const sides = [formulas[i], numbers.get(i)].filter(Boolean);
        return stepOf.has(operand) && sides.length
            ? [[`∂${name}/∂${steps[stepOf.get(operand)].name}`, ...sides].join(" = ")]
            : [];
    });
}

const shown = vertices.filter((one) => one.slot >= 0);
shown.forEach((vertex, order) => {
    const { group } = vertex;
    group.setAttribute("role", "button"); // its texts are its name
    group.setAttribute("tabindex", order === shown.length - 1 ? 0 : -1);
    group.addEventListener("click", () => focusOn(order));
    group.addEventListener("focus", () => choose(vertex));
    group.addEventListener("keydown", (event) => {
        const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
        if (event.key === "Enter" || event.key === " ") choose(vertex);
        else if (by) focusOn(order + by);
        else return;
        event.preventDefault();
    });
});

/** Move the focus to a vertex; the key Tab leads to the one that had it last. */
function focusOn(order) {
    const vertex = shown[order];
    if (!vertex) return;
    for (const one of shown) one.group.setAttribute("tabindex", one === vertex ? 0 : -1);
    vertex.group.focus({ preventScroll: true });
    reveal(vertex.group);
    choose(vertex);
}

document.querySelector(".formula").addEventListener("click", (event) => {
    const part = event.target.closest("[data-v]");
    const vertex = part && vertices[Number(part.dataset.v)];
    if (!vertex) return;
    choose(vertex);
    reveal(vertex.group);
});
