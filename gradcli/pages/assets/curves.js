/** The page of curves; `programs` return the value and the derivatives of each expression. */
const inner = plot.querySelector(".curves");
const group = find("point");
const guide = drawnIn(group, "line", "guide", { y1: 0, y2: "100%" });
const followers = data.curves.map(({ places, without_tangent }, number) => ({
    number,
    without: new Set(without_tangent.map(Number)),
    tangent: drawnIn(inner, "path", `tangent series-${places[0]}`),
    dots: places.map((place, order) => drawnIn(group, "circle", `dot series-${place}`, { r: order ? 4.5 : 7 })),
}));
const grip = followers[0].dots[0];
grip.classList.add("grip");
grip.setAttribute("role", "slider");
grip.setAttribute("tabindex", 0);
grip.setAttribute("aria-label", `the point, ${data.variables[0].name}`);
grip.setAttribute("aria-valuemin", low);
grip.setAttribute("aria-valuemax", high);

const setVariable = makeSliders(beforeFrame(showPoint), false);

function showPoint() {
    const x = point[0];
    const place = percent(across(x));
    guide.setAttribute("x1", place);
    guide.setAttribute("x2", place);
    for (const { number: own, without, tangent, dots } of followers) {
        const values = [].concat(programs[own](x));
        values.forEach((value, order) => {
            const output = find(`value-${own}-${order}`);
            if (output) output.textContent = number(value);
        });
        dots.forEach((dot, order) => {
            const share = down(values[order]);
            dot.style.display = share >= 0 && share <= 1 ? "" : "none";
            if (!(share >= -5 && share <= 6)) return;
            dot.setAttribute("cx", place);
            dot.setAttribute("cy", percent(share));
        });
        tangent.setAttribute("d", without.has(x) ? "" : tangentAt(x, values[0], values[1]));
    }
    grip.setAttribute("aria-valuenow", x);
    grip.setAttribute("aria-valuetext", `${data.variables[0].name} = ${number(x)}`);
    // What has the focus stays, even where the curve leaves the picture.
    if (document.activeElement === grip) grip.style.display = "";
}

/** Return the path of a tangent, in the units of the curves. */
function tangentAt(x, value, slope) {
    if (!Number.isFinite(value) || !Number.isFinite(slope)) return "";
    const [right, height] = [UNITS * across(x), UNITS * down(value)];
    const steepness = (-slope * (high - low)) / (upper - bottom);
    const length = (2 * UNITS + Math.abs(height)) / Math.hypot(1, steepness);
    const ends = [-length, length].map((by) => `${(right + by).toFixed(2)} ${(height + by * steepness).toFixed(2)}`);
    return `M${ends[0]}L${ends[1]}`;
}

followPointer((x) => setVariable(0, readable(x, high - low)));
grip.addEventListener("keydown", (event) => {
    const step = (high - low) / (event.shiftKey ? 1000 : 100);
    const by = { ArrowLeft: -step, ArrowDown: -step, ArrowRight: step, ArrowUp: step, PageDown: -10 * step, PageUp: 10 * step };
    const to = { Home: low, End: high };
    if (event.key in by) setVariable(0, readable(Math.max(low, Math.min(high, point[0] + by[event.key])), high - low));
    else if (event.key in to) setVariable(0, to[event.key]);
    else return;
    event.preventDefault();
});
for (const button of document.querySelectorAll(".place")) {
    button.addEventListener("click", () => setVariable(0, Number(button.dataset.x)));
}
showPoint();
