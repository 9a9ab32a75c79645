/**
 * The page of a graph.  The tape is swept forward and backward as `gradcli grad` sweeps it; `operations` has the value
 * and the local derivatives of each different operation, and `compute` is the exported program of value and gradient.
 */

/** A tape with the numbers of its last sweeps. */
class Sweeps {
    constructor(tape) {
        this.first = tape.variables + tape.constants.length;
        this.instructions = tape.operations.map(([place, ...operands]) => ({
            value: operations[place][0],
            partials: operations[place][1],
            operands,
        }));
        this.count = this.first + this.instructions.length;
        this.output = tape.output;
        this.dependent = tape.dependent;
        this.values = new Float64Array(this.count);
        this.values.set(tape.constants.map(Number), tape.variables);
        this.adjoints = new Float64Array(this.count);
        this.arrived = new Uint8Array(this.count);
        const places = new Int32Array(this.count + 1);
        this.instructions.forEach((one, i) => {
            places[this.first + i + 1] = places[this.first + i] + one.operands.length;
        });
        /** The place of the first operand of each operation in the two arrays that follow. */
        this.places = places;
        this.partials = new Float64Array(places[this.count]);
        this.selected = new Uint8Array(places[this.count]);
        const widest = Math.max(1, ...this.instructions.map((one) => one.operands.length));
        this.d = new Float64Array(widest);
        this.s = new Uint8Array(widest);
    }

    forward(inputs) {
        const values = this.values;
        values.set(inputs);
        this.instructions.forEach(({ value, operands }, i) => {
            const [a, b] = operands;
            const slot = this.first + i;
            if (operands.length === 2) values[slot] = value(values[a], values[b]);
            else if (operands.length === 1) values[slot] = value(values[a]);
            else values[slot] = value(...operands.map((one) => values[one]));
        });
    }

    /** Sweep from the output back to a slot. */
    backward(last) {
        const { values, adjoints, arrived, dependent, d, s } = this;
        adjoints.fill(0);
        arrived.fill(0);
        this.selected.fill(0);
        if (last >= this.count) return;
        adjoints[this.output] = 1;
        arrived[this.output] = 1;
        for (let slot = this.count - 1; slot >= Math.max(last, this.first); slot--) {
            if (!arrived[slot] || !dependent[slot]) continue;
            const { partials, operands } = this.instructions[slot - this.first];
            const [a, b] = operands;
            const y = values[slot];
            s.fill(0);
            if (operands.length === 2) partials(values[a], values[b], y, d, s);
            else if (operands.length === 1) partials(values[a], y, d, s);
            else partials(...operands.map((one) => values[one]), y, d, s);
            for (let i = 0; i < operands.length; i++) {
                const operand = operands[i];
                if (!s[i] || !dependent[operand]) continue;
                const partial = Number.isNaN(y) ? y : d[i]; // no value, no derivative
                this.partials[this.places[slot] + i] = partial;
                this.selected[this.places[slot] + i] = 1;
                // The result is a number that does not depend on the operand, as x^0.
                if (partial === 0 && Number.isNaN(values[operand])) continue;
                const contribution = adjoints[slot] * partial;
                adjoints[operand] = arrived[operand] ? adjoints[operand] + contribution : contribution;
                arrived[operand] = 1;
            }
        }
    }

    /** Return what an operation passes to its operands. */
    passed(slot) {
        if (slot < this.first) return [];
        return this.instructions[slot - this.first].operands.flatMap((operand, i) => {
            const place = this.places[slot] + i;
            const partial = this.partials[place];
            return this.selected[place] ? [{ i, operand, partial, value: this.adjoints[slot] * partial }] : [];
        });
    }
}

const sweeps = new Sweeps(data.tape);
const steps = data.steps;
const words = data.words;
const stepOf = new Map(steps.map((step, place) => [step.slot, place]));
const last = 2 * steps.length;
/** How many steps are done: first those of the forward sweep, then those of the reverse sweep. */
let position = data.plays ? 0 : last;

/** Return the slot at which the reverse sweep stands. */
function frontier() {
    return position <= steps.length ? sweeps.count : steps[last - position].slot;
}

// The drawing

const RAMP = 5;
const textOf = (group, name) => {
    const element = group.querySelector(`text.${name}`);
    return element ? { element, node: element.firstChild, shown: element.textContent } : null;
};
const vertices = data.vertices.map((slot, place) => {
    const group = find(`v${place}`);
    const cell = group.querySelector(".cell");
    const width = cell ? Number(cell.getAttribute("width")) : 44;
    return { slot, place, group, cell, width, value: textOf(group, "value"), gradient: textOf(group, "gradient"), look: "" };
});
/** Return the place of an element in the drawing, in its own units. */
const placeOf = (element) => [Number(element.getAttribute("x")), Number(element.getAttribute("y"))];
for (const vertex of vertices) {
    const { e, f } = vertex.group.transform.baseVal.consolidate().matrix;
    Object.assign(vertex, { x: e, y: f });
}
const vertexOf = new Map(vertices.filter((one) => one.slot >= 0).map((one) => [one.slot, one]));
const arrows = data.arrows.map(([operand, operation, i], place) => {
    const group = find(`e${place}`);
    const slot = data.vertices[operation];
    const isMoving = data.vertices[operand] >= 0 && sweeps.dependent[data.vertices[operand]] === 1;
    const text = textOf(group, "partial");
    const [x, y] = text ? placeOf(text.element) : [NaN, NaN];
    const ends = [vertices[operand], vertices[operation]];
    return { group, slot, place: sweeps.places[slot] + i, isMoving, text, isPassive: null, x, y, ends };
});

/**
 * The part of the drawing that can be seen, with a margin.  While a slider moves, only this part is written and laid
 * out, so that a large drawing follows in each frame.
 */
const MARGIN = 150;
const scroller = document.querySelector("#picture .scroller");
const svg = scroller.querySelector("svg");
const scale = svg.viewBox.baseVal.width / Number(svg.getAttribute("width"));
let isSliding = false;
const view = { left: -Infinity, right: Infinity, top: -Infinity, bottom: Infinity };

function look() {
    const { x, y } = svg.viewBox.baseVal;
    view.left = x + scroller.scrollLeft * scale - MARGIN;
    view.right = x + (scroller.scrollLeft + scroller.clientWidth) * scale + MARGIN;
    view.top = y + scroller.scrollTop * scale - MARGIN;
    view.bottom = y + (scroller.scrollTop + scroller.clientHeight) * scale + MARGIN;
}

/** Whether a vertex or an arrow can be seen; one without a known place always can. */
function isSeen({ x, y }) {
    return !(x < view.left || x > view.right || y < view.top || y > view.bottom);
}

/** Whether a part of an arrow may be seen. */
function isCrossing({ ends: [one, other] }) {
    const isAside = Math.max(one.x, other.x) < view.left || Math.min(one.x, other.x) > view.right;
    return !isAside && Math.max(one.y, other.y) >= view.top && Math.min(one.y, other.y) <= view.bottom;
}

/** Take what can't be seen out of the layout, or put everything back. */
function setAway(isAway) {
    const set = (one, isShown) => {
        if (isShown === !one.isAway) return;
        one.isAway = !isShown;
        one.group.classList.toggle("away", one.isAway);
    };
    for (const vertex of vertices) set(vertex, !isAway || isSeen(vertex) || document.activeElement === vertex.group);
    for (const arrow of arrows) set(arrow, !isAway || isCrossing(arrow));
}

new ResizeObserver(look).observe(scroller);
scroller.addEventListener(
    "scroll",
    beforeFrame(() => {
        look();
        if (isSliding) setAway(true);
        paint();
    }),
);

/** Show a text in the drawing, and make it smaller if it is too wide. */
function write(text, content, width) {
    if (text.shown === content) return;
    text.shown = content;
    text.node.data = content;
    if (!width) return;
    const most = Math.floor(width / 6.6);
    const isLong = content.length > most;
    if (isLong || text.isSmall) {
        text.element.style.fontSize = isLong ? `${((12 * most) / content.length).toFixed(1)}px` : "";
        text.isSmall = isLong;
    }
}

function paint(isEverything = false) {
    const { values, adjoints, arrived } = sweeps;
    const isWhole = position === last;
    const isUndefined = Number.isNaN(values[sweeps.output]);
    const reached = Math.min(position, steps.length);
    let largest = 0;
    for (const { slot } of vertices) {
        const size = slot < 0 ? 0 : Math.abs(adjoints[slot]);
        if (size > largest && size < Infinity) largest = size;
    }
    for (const vertex of vertices) {
        const { slot, group, cell, value, gradient, width } = vertex;
        if (slot < 0 || !(isEverything || isSeen(vertex))) continue;
        const isReached = stepOf.get(slot) < reached;
        if (value) write(value, isReached ? short(values[slot]) : "", width);
        if (gradient) {
            const isShown = isWhole || arrived[slot] === 1;
            const number = isUndefined && sweeps.dependent[slot] ? NaN : adjoints[slot];
            write(gradient, isShown ? short(number) : "", width);
            const look = isShown ? lookOf(number, largest) : "cell";
            if (look !== vertex.look) cell.setAttribute("class", (vertex.look = look));
        }
        if (vertex.isReached !== isReached) group.classList.toggle("later", !(vertex.isReached = isReached));
    }
    for (const arrow of arrows) {
        if (!isEverything && !isSeen(arrow)) continue;
        const isSelected = sweeps.selected[arrow.place] === 1;
        if (isSelected && !arrow.text) arrow.text = addPartial(arrow.group);
        if (arrow.text) write(arrow.text, isSelected ? short(sweeps.partials[arrow.place]) : "");
        const isPassive = !arrow.isMoving || (isWhole && !isSelected);
        if (isPassive !== arrow.isPassive) arrow.group.classList.toggle("passive", (arrow.isPassive = isPassive));
    }
}

/** Return the classes of the cell behind a gradient: its sign, and its size compared with the largest one. */
function lookOf(gradient, largest) {
    if (!Number.isFinite(gradient)) return "cell not-finite";
    if (gradient === 0) return "cell";
    const share = largest > 0 ? Math.sqrt(Math.min(1, Math.abs(gradient) / largest)) : 1;
    return `cell ${gradient > 0 ? "plus" : "minus"}-${Math.min(RAMP - 1, Math.floor(share * RAMP))}`;
}

/** Add the text of a local derivative to an arrow that had none, because nothing passed when it was drawn. */
function addPartial(group) {
    const path = group.querySelector("path");
    const { x, y } = path.getPointAtLength(path.getTotalLength() / 2);
    const element = document.createElementNS("http://www.w3.org/2000/svg", "text");
    element.setAttribute("class", "partial");
    element.setAttribute("x", x);
    element.setAttribute("y", y - 3);
    element.append("");
    group.append(element);
    return { element, node: element.firstChild, shown: "" };
}

// The words of a step

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

// The player

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

// One vertex

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
    const lines = sweeps.passed(chosen.slot).map(({ i, operand, partial }) => {
        const formula = step.formulas[i] ? `${step.formulas[i]} = ` : "";
        return made("p", "", `∂${step.name}/∂${steps[stepOf.get(operand)].name} = ${formula}${number(partial)}`);
    });
    find("node-local").replaceChildren(...lines);
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

// The tables

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

// The values

let later = 0;

function slide() {
    isSliding = true;
    setAway(true);
    computeAll();
    clearTimeout(later);
    later = setTimeout(settle, 150);
}

function computeAll() {
    sweeps.forward(point);
    sweeps.backward(frontier());
    find("value").textContent = number(sweeps.values[sweeps.output]);
    writeGradient();
    paint();
    showNode();
    if (isTold) find("sentence").textContent = sentenceAt();
}

/** Write the derivative beside each slider; while one moves, only beside those that are seen. */
function writeGradient() {
    if (!compute) return;
    const gradient = compute(...point)[1];
    gradientOutputs.forEach(({ output, row }, place) => {
        if (!isSliding || seenRows.has(row)) output.textContent = number(gradient[place]);
    });
}

/** Write what waits until the slider rests: what is out of sight, and a table of many rows. */
function settle() {
    isSliding = false;
    setAway(false);
    writeGradient();
    paint(true);
    if (find("table").open) fillTables();
}

makeSliders(beforeFrame(slide));
const gradientOutputs = data.variables.map((_, place) => {
    const output = find(`gradient-${place}`);
    return { output, row: output.closest(".slider") };
});
const seenRows = new Set(gradientOutputs.map(({ row }) => row));
const rowObserver = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) seenRows[isIntersecting ? "add" : "delete"](target);
});
for (const row of seenRows) rowObserver.observe(row);
find("table").addEventListener("toggle", () => find("table").open && fillTables());
computeAll();
showStep();
