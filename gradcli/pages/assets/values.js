/** Everything follows the sliders; `compute` is the exported program of value and gradient. */

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
