/**
 * The drawing of a graph, which follows the numbers of both sweeps as far as the steps have been played.
 */

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
