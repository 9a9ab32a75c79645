/** What plots share: places in the picture, and a point that the pointer and the keyboard move. */
const plot = find("plot");
const { low, high, bottom, top: upper } = data.frame;
const UNITS = 1000;
const across = (x) => (x - low) / (high - low);
const down = (y) => (upper - y) / (upper - bottom);
const percent = (share) => `${(100 * share).toFixed(3)}%`;

function drawnIn(parent, tag, name, attributes = {}) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    if (name) element.setAttribute("class", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    parent.append(element);
    return element;
}

/** Call moved(x, y) with the place of the pointer while it drags, in the numbers of the axes. */
function followPointer(moved) {
    const follow = (event) => {
        const box = plot.getBoundingClientRect();
        const share = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
        const depth = Math.max(0, Math.min(1, (event.clientY - box.top) / box.height));
        moved(low + share * (high - low), upper - depth * (upper - bottom));
    };
    plot.addEventListener("pointerdown", (event) => {
        plot.setPointerCapture(event.pointerId);
        follow(event);
    });
    plot.addEventListener("pointermove", (event) => plot.hasPointerCapture(event.pointerId) && follow(event));
}

/** Return a number with as many digits as a pixel tells apart, so that a dragged point has a readable place. */
function readable(value, width) {
    const digits = Math.max(0, 3 - Math.floor(Math.log10(width)));
    return digits > 15 ? value : Number(value.toFixed(Math.min(digits, 15)));
}
