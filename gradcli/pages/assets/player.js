/** Both sweeps step by step: the sentence of each step, the buttons and keys, and the tables of all steps. */

/** Return the sentences of a step in the reverse sweep. */
function reverseSentences(place) {
    const { slot, operation, formulas } = steps[place];
    const adjoint = number(sweeps.adjoints[slot]);
    const sentences = place === steps.length - 1 ? [words.result] : [];
    for (const { i, operand, partial, value } of sweeps.passed(slot)) {
        const text = formulas[i] && !Number.isNaN(partial) ? formulas[i] : number(partial);
        const name = steps[stepOf.get(operand)].name;
        sentences.push(filled(words.passes, { adjoint, partial: text, contribution: number(value), operand: name }));
    }
    if (slot < data.tape.variables) {
        const received = [];
        for (let later = steps.length - 1; later > place; later--) {
            for (const one of sweeps.passed(steps[later].slot)) {
                if (one.operand !== slot) continue;
                received.push(filled(words.received, { contribution: number(one.value), step: steps[later].name }));
            }
        }
        const contributions = received.join(words.and);
        const receives = contributions ? filled(words.receives, { contributions }) : "";
        sentences.push(filled(words.variable, { variable: operation }) + receives);
    }
    return sentences.length ? sentences : [words.nothing];
}

function sentenceAt() {
    if (position === 0) return words.forward;
    if (position <= steps.length) {
        const { name, operation, slot } = steps[position - 1];
        return `${name} = ${operation} = ${number(sweeps.values[slot])}`;
    }
    const { name, slot } = steps[last - position];
    return `${name}, adjoint ${number(sweeps.adjoints[slot])}: ${reverseSentences(last - position).join("\n")}`;
}

let isTold = data.plays;
let timer = 0;
let marked = [];

function showStep() {
    for (const group of marked) group.classList.remove("current");
    marked = [];
    const place = position <= steps.length ? position - 1 : last - position;
    const slot = isTold && place >= 0 ? steps[place].slot : -1;
    const vertex = vertexOf.get(slot);
    if (vertex) {
        const used = arrows.filter((one) => one.slot === slot).map((one) => one.group);
        marked = [vertex.group, ...used];
        for (const group of marked) group.classList.add("current");
        reveal(vertex.group);
    }
    find("sentence").textContent = isTold ? sentenceAt() : "Play or Step shows how each number is computed.";
    find("position").textContent = `${position} of ${last}`;
    find("start").disabled = find("back").disabled = position === 0;
    find("end").disabled = find("step").disabled = position === last;
    if (find("table").open) fillTables();
}

/** Scroll the drawing so that a vertex can be seen. */
function reveal(group) {
    const outer = scroller.getBoundingClientRect();
    const inner = group.getBoundingClientRect();
    const left = inner.left < outer.left || inner.right > outer.right ? inner.left - outer.left - outer.width / 2 : 0;
    const top = inner.top < outer.top || inner.bottom > outer.bottom ? inner.top - outer.top - outer.height / 2 : 0;
    if (left || top) scroller.scrollBy({ left, top, behavior: isStill() ? "auto" : "smooth" });
}

function go(to) {
    const target = Math.max(0, Math.min(last, to));
    isTold = true;
    position = target;
    sweeps.backward(frontier());
    paint(true);
    showStep();
    showNode();
    if (position === last) pause();
}

function pause() {
    clearInterval(timer);
    timer = 0;
    find("play").textContent = "Play";
}

function togglePlay() {
    if (timer) {
        pause();
        return;
    }
    go(position === last ? 0 : position + 1);
    timer = setInterval(() => go(position + 1), 1500);
    find("play").textContent = "Pause";
}

const ACTIONS = {
    start: () => go(0),
    back: () => go(position - 1),
    step: () => go(position + 1),
    end: () => go(last),
};
for (const [name, action] of Object.entries(ACTIONS)) {
    find(name).addEventListener("click", () => {
        pause();
        action();
    });
}
find("play").addEventListener("click", togglePlay);
const KEYS = { ArrowLeft: "back", ArrowRight: "step", Home: "start", End: "end" };
document.addEventListener("keydown", (event) => {
    const isFree = event.target === document.body;
    if (event.ctrlKey || event.altKey || event.metaKey || !(isFree || event.target.closest(".player"))) return;
    if (event.key === " " && isFree) togglePlay();
    else if (KEYS[event.key]) {
        pause();
        ACTIONS[KEYS[event.key]]();
    } else return;
    event.preventDefault();
});

function fillTables() {
    find("forward-words").textContent = words.forward;
    find("reverse-words").textContent = words.reverse;
    const isReversing = position > steps.length;
    const current = !isTold ? -1 : isReversing ? last - position : position - 1;
    const forward = steps.map(({ name, operation, slot }, place) => {
        const text = place < position ? number(sweeps.values[slot]) : "";
        return rowOf([name, operation, text], !isReversing && place === current);
    });
    const reverse = steps.map(({ name, slot }, place) => {
        const isDone = last - place <= position;
        const cells = isDone ? [number(sweeps.adjoints[slot]), reverseSentences(place).join("\n")] : ["", ""];
        return rowOf([name, ...cells], isReversing && place === current);
    });
    fill(find("forward"), ["step", "operation", "value"], forward);
    fill(find("reverse"), ["step", "adjoint", "where it flows"], reverse.reverse());
}

function rowOf(texts, isCurrent) {
    const row = made("tr", isCurrent ? "current" : "");
    row.append(...texts.map((text) => made("td", "", text)));
    return row;
}

function fill(table, headings, rows) {
    const head = made("tr");
    for (const text of headings) {
        const cell = made("th", "", text);
        cell.scope = "col";
        head.append(cell);
    }
    table.replaceChildren(made("thead"), made("tbody"));
    table.tHead.append(head);
    table.tBodies[0].append(...rows);
}
