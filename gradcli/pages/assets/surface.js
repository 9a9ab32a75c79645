/** The page of a function of two variables; `compute` returns the value and the gradient. */
const COLUMNS = 160;
const ROWS = 120;
const LONG = 56;

/** Paint the heights behind the contours, computed in the page. */
function paintHeights() {
    const canvas = made("canvas", "heights");
    canvas.width = COLUMNS;
    canvas.height = ROWS;
    canvas.setAttribute("aria-hidden", "true");
    const context = canvas.getContext("2d");
    const levels = data.levels.map(Number);
    for (let row = 0; row < ROWS; row++) {
        for (let column = 0; column < COLUMNS; column++) {
            const x = low + ((column + 0.5) / COLUMNS) * (high - low);
            const y = upper - ((row + 0.5) / ROWS) * (upper - bottom);
            const value = compute(x, y)[0];
            if (Number.isNaN(value)) continue;
            let band = 0;
            while (band < levels.length && levels[band] <= value) band++;
            context.fillStyle = data.bands[band];
            context.fillRect(column, row, 1, 1);
        }
    }
    plot.before(canvas);
    const fit = () => {
        const box = plot.getBoundingClientRect();
        const outer = canvas.parentElement.getBoundingClientRect();
        Object.assign(canvas.style, {
            left: `${box.left - outer.left}px`,
            top: `${box.top - outer.top}px`,
            width: `${box.width}px`,
            height: `${box.height}px`,
        });
    };
    new ResizeObserver(fit).observe(plot);
}

const group = find("point");
const halo = drawnIn(group, "path", "arrow-halo");
const arrow = drawnIn(group, "path", "arrow");
const grip = drawnIn(group, "circle", "dot grip", { r: 7, role: "slider", tabindex: 0 });
const [first, second] = data.variables.map((one) => one.name);
grip.setAttribute("aria-label", `the point: ${first} by the left and right arrow, ${second} by the others`);
grip.setAttribute("aria-valuemin", low);
grip.setAttribute("aria-valuemax", high);

const setVariable = makeSliders(beforeFrame(showPoint));

function showPoint() {
    const [x, y] = point;
    const [value, ...gradient] = compute(x, y);
    find("value").textContent = number(value);
    gradient.forEach((one, place) => (find(`gradient-${place}`).textContent = number(one)));
    const box = plot.getBoundingClientRect();
    const [right, depth] = [across(x) * box.width, down(y) * box.height];
    grip.setAttribute("cx", percent(across(x)));
    grip.setAttribute("cy", percent(down(y)));
    grip.setAttribute("aria-valuenow", x);
    grip.setAttribute("aria-valuetext", `${first} = ${number(x)}, ${second} = ${number(y)}`);
    // The steepest way up on the page, across the contours.
    const along = (gradient[0] * (high - low)) / box.width;
    const up = (gradient[1] * (upper - bottom)) / box.height;
    const size = Math.hypot(along, up);
    const path = size > 0 && size < Infinity ? arrowPath(right, depth, along / size, -up / size) : "";
    arrow.setAttribute("d", path);
    halo.setAttribute("d", path);
}

/** Return the path of an arrow in pixels. */
function arrowPath(x, y, right, down) {
    const [tipX, tipY] = [x + LONG * right, y + LONG * down];
    const wing = (side) => {
        const back = [tipX - 11 * right - side * 6 * down, tipY - 11 * down + side * 6 * right];
        return back.map((one) => one.toFixed(1)).join(" ");
    };
    const tip = `${tipX.toFixed(1)} ${tipY.toFixed(1)}`;
    return `M${x.toFixed(1)} ${y.toFixed(1)}L${tip}M${wing(1)}L${tip}L${wing(-1)}`;
}

function moveTo(x, y) {
    setVariable(0, x);
    setVariable(1, y);
}

followPointer((x, y) => moveTo(readable(x, high - low), readable(y, upper - bottom)));
grip.addEventListener("keydown", (event) => {
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key] ?? [0, 0];
    if (!dx && !dy) return;
    const share = event.shiftKey ? 0.001 : 0.01;
    const x = Math.max(low, Math.min(high, point[0] + dx * share * (high - low)));
    const y = Math.max(bottom, Math.min(upper, point[1] + dy * share * (upper - bottom)));
    moveTo(readable(x, high - low), readable(y, upper - bottom));
    event.preventDefault();
});
for (const button of document.querySelectorAll(".place")) {
    button.addEventListener("click", () => moveTo(Number(button.dataset.x), Number(button.dataset.y)));
}
paintHeights();
showPoint();
new ResizeObserver(showPoint).observe(plot);
