/** The page of a function of two variables; `compute` returns the value and the gradient. */
const COLUMNS = 160;
const ROWS = 120;

/** Paint the heights behind the contours, computed in the page. */
function paintHeights() {
    const canvas = made("canvas", "heights");
    canvas.width = COLUMNS;
    canvas.height = ROWS;
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
    putBehind(canvas);
}

const group = find("point");
const drawArrow = makeArrow(group);
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
    drawArrow(right, depth, along, -up);
}

function moveTo(x, y) {
    setVariable(0, x);
    setVariable(1, y);
}

followPointer((x, y) => moveTo(readable(x, high - low), readable(y, upper - bottom)));
followKeys(grip, moveTo);
for (const button of document.querySelectorAll(".place")) {
    button.addEventListener("click", () => moveTo(Number(button.dataset.x), Number(button.dataset.y)));
}
paintHeights();
showPoint();
new ResizeObserver(showPoint).observe(plot);
