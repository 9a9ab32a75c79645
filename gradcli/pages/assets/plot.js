/** What plots share: places in the picture, and a point that the pointer and the keyboard move. */
const plot = find("plot");
const { low, high, bottom, top: upper } = data.frame ?? {};
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

/** Let the arrow keys move a point of two coordinates: moved(x, y) is called with its new place. */
function followKeys(grip, moved) {
    grip.addEventListener("keydown", (event) => {
        const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key];
        if (!by) return;
        const share = event.shiftKey ? 0.001 : 0.01;
        const x = Math.max(low, Math.min(high, point[0] + by[0] * share * (high - low)));
        const y = Math.max(bottom, Math.min(upper, point[1] + by[1] * share * (upper - bottom)));
        moved(readable(x, high - low), readable(y, upper - bottom));
        event.preventDefault();
    });
}

/** Draw an arrow at a place in pixels, in a direction, with a halo; without a direction there is none. */
function makeArrow(group) {
    const LONG = 56;
    const lines = [drawnIn(group, "path", "arrow-halo"), drawnIn(group, "path", "arrow")];
    return (x, y, right, down) => {
        const size = Math.hypot(right, down);
        const [dx, dy] = [right / size, down / size];
        const [tipX, tipY] = [x + LONG * dx, y + LONG * dy];
        const place = (a, b) => `${a.toFixed(1)} ${b.toFixed(1)}`;
        const wing = (side) => place(tipX - 11 * dx - side * 6 * dy, tipY - 11 * dy + side * 6 * dx);
        const tip = place(tipX, tipY);
        const path = `M${place(x, y)}L${tip}M${wing(1)}L${tip}L${wing(-1)}`;
        for (const line of lines) line.setAttribute("d", size > 0 && size < Infinity ? path : "");
    };
}

/** Keep a canvas behind the plot. */
function putBehind(canvas) {
    canvas.setAttribute("aria-hidden", "true");
    plot.before(canvas);
    new ResizeObserver(() => {
        const box = plot.getBoundingClientRect();
        const outer = canvas.parentElement.getBoundingClientRect();
        Object.assign(canvas.style, {
            left: `${box.left - outer.left}px`,
            top: `${box.top - outer.top}px`,
            width: `${box.width}px`,
            height: `${box.height}px`,
        });
    }).observe(plot);
}
