/**
 * The page of a run.  A slider chooses one of some moments; `net` computes with the parameters of that moment, and
 * shows its function, one point that can be moved, and the rows.
 */
const moments = data.moments;
const still = find("still");
still.max = moments.length - 1;
still.value = moments.length - 1;

/** The predictions, the derivatives and the pictures of the net; null if it is not in the page. */
const show = net ? makeNetParts() : null;

function showMoment() {
    const { epoch, words } = moments[still.value];
    find("moment").textContent = words;
    still.setAttribute("aria-valuetext", words);
    const place = `${((100 * epoch) / data.losses.high).toFixed(2)}%`;
    for (const end of ["x1", "x2"]) find("cursor").setAttribute(end, place);
    if (show) show(Number(still.value));
}

const changeMoment = beforeFrame(showMoment);
still.addEventListener("input", () => {
    stop();
    changeMoment();
});

let timer = null;
function stop() {
    clearInterval(timer);
    timer = null;
    find("play").textContent = "Play";
}
find("play").addEventListener("click", () => {
    if (timer !== null) return stop();
    if (Number(still.value) === moments.length - 1) still.value = 0;
    find("play").textContent = "Pause";
    showMoment();
    timer = setInterval(() => {
        still.value = Number(still.value) + 1;
        showMoment();
        if (Number(still.value) === moments.length - 1) stop();
    }, 250);
});
find("loss-plot").addEventListener("click", (event) => {
    const box = find("loss-plot").getBoundingClientRect();
    const epoch = ((event.clientX - box.left) / box.width) * data.losses.high;
    const far = moments.map((one) => Math.abs(one.epoch - epoch));
    still.value = far.indexOf(Math.min(...far));
    stop();
    showMoment();
});
showMoment();

function makeNetParts() {
    const stills = data.stills.map((text) => new Float64Array(Uint8Array.from(atob(text), (one) => one.charCodeAt(0)).buffer));
    let parameters = stills.at(-1);
    const { labels } = data;
    const isCurve = data.frame && data.variables.length === 1;
    const isPlane = data.frame && !isCurve;
    const rows = data.rows.inputs.map((one) => Float64Array.from(one, Number));
    const count = scores.length;
    const seed = new Float64Array(predictions.length);
    const slopes = new Float64Array(count);
    const gradient = new Float64Array(data.variables.length);
    let target = Number(data.rows.targets[data.start]);

    // The fields

    const setVariable = makeSliders(beforeFrame(showPoint));
    const tellSliders = makeCategories();
    const targetBox = find("target");
    const quantity = find("quantity");
    const quantities = labels && data.predictions.length > 1 && data.isLikely ? (name) => `probability of ${name}` : (name) => name;
    for (const name of ["the loss", ...data.predictions.map((name) => (labels ? quantities(name) : `the prediction of ${name}`))]) {
        quantity.append(made("option", "", name));
    }
    quantity.addEventListener("change", showPoint);
    targetBox.addEventListener("input", () => {
        const value = labels ? targetBox.selectedIndex : Number(targetBox.value);
        const isNumber = labels !== null || (targetBox.value.trim() !== "" && !Number.isNaN(value));
        targetBox.setAttribute("aria-invalid", !isNumber);
        if (!isNumber) return;
        target = value;
        showPoint();
    });
    const outputs = data.predictions.map((name) => {
        const output = made("output");
        const value = made("dd");
        value.append(output);
        find("predictions").append(made("dt", "", name), value);
        return output;
    });
    if (!labels) find("predictions").hidden = true;

    function setTarget(value) {
        target = value;
        if (labels) targetBox.selectedIndex = value;
        else targetBox.value = number(value);
        targetBox.removeAttribute("aria-invalid");
    }

    /** Put a choice in the place of the sliders of a column of text; return a function that shows the point in it. */
    function makeCategories() {
        const chosen = [];
        const sliders = [...find("sliders").children];
        data.columns.forEach(({ name, first, categories }, column) => {
            if (!categories) return;
            const row = made("div", "slider");
            const label = made("label", "", name);
            const select = made("select");
            select.id = `category-${column}`;
            label.htmlFor = select.id;
            categories.forEach((one) => select.append(made("option", "", one)));
            select.addEventListener("change", () => {
                categories.forEach((_, place) => setVariable(first + place, Number(place === select.selectedIndex)));
            });
            row.append(label, select);
            sliders[first].before(row);
            categories.forEach((_, place) => (sliders[first + place].hidden = true));
            chosen.push(() => {
                select.selectedIndex = categories.findIndex((_, place) => point[first + place] === 1);
            });
        });
        return () => chosen.forEach((one) => one());
    }

    // Predictions

    /** Compute the net at a place; the results are in `activations`, `scores` and `predictions`. */
    function predict(place) {
        net.forward(place, parameters, activations);
        net.outcome(scores, predictions);
    }

    /** Return the predicted class of some scores; the first of several largest ones. */
    function chosenClass(from) {
        if (from.length === 1) return Number(from[0] > 0);
        let best = 0;
        for (let i = 1; i < from.length; i++) if (from[i] > from[best] || Number.isNaN(from[i]) > Number.isNaN(from[best])) best = i;
        return best;
    }

    /** Return how certain a prediction is, from 0 to 1, as `gradcli` paints it. */
    function certainty(from) {
        let lead = Math.abs(from[0]);
        if (from.length > 1) {
            let [first, second] = [-Infinity, -Infinity];
            for (const one of from) {
                if (one > first) [first, second] = [one, first];
                else if (one > second) second = one;
            }
            lead = first - second;
        }
        return (data.isLikely ? Math.tanh(lead / 2) : Math.min(1, lead)) || 0;
    }

    // Rows that are pictures

    const images = makeImages();

    /** Make the places of the pictures of a row and of its derivatives; return a function that paints them. */
    function makeImages() {
        if (!data.image) return () => {};
        const [, tall, wide] = data.image;
        const context = ["the row", "its derivatives"].map((words) => {
            const figure = made("figure");
            const canvas = made("canvas");
            Object.assign(canvas, { width: wide, height: tall });
            canvas.setAttribute("role", "img");
            canvas.setAttribute("aria-label", `${words} as a picture`);
            figure.append(canvas, made("figcaption", "", words));
            find("images").append(figure);
            return canvas.getContext("2d");
        });
        find("images").hidden = false;
        const most = Math.max(1e-300, ...rows.map((row) => Math.max(...row)));
        return () => {
            const largest = gradient.reduce((size, one) => Math.max(size, Math.abs(one) || 0), 1e-300);
            const [row, slope] = [new ImageData(wide, tall), new ImageData(wide, tall)];
            gradient.forEach((one, place) => {
                const shade = 255 * Math.max(0, Math.min(1, point[place] / most));
                row.data.set([shade, shade, shade, 255], 4 * place);
                slope.data.set([...data.series[Number(one > 0)], (255 * Math.abs(one)) / largest || 0], 4 * place);
            });
            context[0].putImageData(row, 0, 0);
            context[1].putImageData(slope, 0, 0);
        };
    }

    // The picture

    const CELLS = 72;
    const FINE = 5;
    const canvas = made("canvas", "heights");
    const grip = data.frame ? drawnIn(find("point"), "circle", "dot grip", { r: 7, role: "slider", tabindex: 0 }) : null;
    let drawArrow = null;
    if (isPlane) {
        Object.assign(canvas, { width: CELLS * FINE, height: CELLS * FINE });
        putBehind(canvas);
        drawArrow = makeArrow(find("point"));
        find("point").append(grip);
    }
    if (grip) {
        const names = data.variables.map((one) => one.name);
        const keys = isPlane ? `${names[0]} by the left and right arrow, ${names[1]} by the others` : names[0];
        grip.setAttribute("aria-label", `the point: ${keys}`);
        grip.setAttribute("aria-valuemin", low);
        grip.setAttribute("aria-valuemax", high);
        const moveTo = (x, y) => {
            setVariable(0, x);
            if (isPlane) setVariable(1, y);
        };
        followPointer((x, y) => moveTo(readable(x, high - low), readable(y, upper - bottom)));
        followKeys(grip, moveTo);
        new ResizeObserver(showPoint).observe(plot);
    }

    function paintPlane() {
        const nodes = CELLS + 1;
        const found = new Float64Array(nodes * nodes * count);
        const place = new Float64Array(2);
        const one = new Float64Array(activations.length);
        const own = one.subarray(one.length - count);
        for (let row = 0; row < nodes; row++) {
            place[1] = upper - (row / CELLS) * (upper - bottom);
            for (let column = 0; column < nodes; column++) {
                place[0] = low + (column / CELLS) * (high - low);
                net.forward(place, parameters, one);
                if (!labels) net.outcome(own, own); // a number, in the units of the table
                found.set(own, (row * nodes + column) * count);
            }
        }
        const side = CELLS * FINE;
        const pixels = new ImageData(side, side);
        const classes = new Uint8Array(side * side);
        const mixed = new Float64Array(count);
        for (let row = 0; row < side; row++) {
            const down = (row + 0.5) / FINE;
            const top = Math.floor(down);
            for (let column = 0; column < side; column++) {
                const right = (column + 0.5) / FINE;
                const left = Math.floor(right);
                const [a, b] = [right - left, down - top];
                const corner = (top * nodes + left) * count;
                for (let i = 0; i < count; i++) {
                    const above = found[corner + i] * (1 - a) + found[corner + count + i] * a;
                    const below = found[corner + nodes * count + i] * (1 - a) + found[corner + (nodes + 1) * count + i] * a;
                    mixed[i] = above * (1 - b) + below * b;
                }
                const at = row * side + column;
                if (labels) classes[at] = chosenClass(mixed);
                const share = Math.max(0, Math.min(1, (mixed[0] - data.low) / (data.high - data.low || 1)));
                const [red, green, blue] = labels ? data.series[classes[at] % data.series.length] : data.series[Number(share > 0.5)];
                pixels.data[4 * at] = red;
                pixels.data[4 * at + 1] = green;
                pixels.data[4 * at + 2] = blue;
                pixels.data[4 * at + 3] = 255 * (labels ? 0.14 + 0.45 * certainty(mixed) : 0.75 * Math.abs(2 * share - 1));
            }
        }
        for (let at = side; labels && at < side * side; at++) {
            const isBorder = classes[at] !== classes[at - side] || (at % side && classes[at] !== classes[at - 1]);
            if (isBorder) pixels.data.set([112, 120, 130, 255], 4 * at);
        }
        canvas.getContext("2d").putImageData(pixels, 0, 0);
    }

    function paintCurve() {
        const parts = [];
        const place = new Float64Array(1);
        for (let i = 0; i <= 400; i++) {
            place[0] = low + (i / 400) * (high - low);
            predict(place);
            const share = Math.max(-2, Math.min(3, down(predictions[0])));
            if (Number.isFinite(share)) parts.push(`${(UNITS * across(place[0])).toFixed(1)} ${(UNITS * share).toFixed(1)}`);
        }
        find("curve").setAttribute("d", parts.length ? `M${parts.join("L")}` : "");
    }

    // The rows

    const table = makeTable();

    function makeTable() {
        const SHOWN = 8;
        const body = find("table");
        const columns = data.columns.slice(0, SHOWN);
        const head = made("tr");
        const more = data.columns.length > SHOWN ? [`… ${data.columns.length - SHOWN} more`] : [];
        for (const word of ["row", "part", ...columns.map((one) => one.name), ...more, data.target, "prediction"]) {
            head.append(made("th", "", word));
        }
        const parts = ["training", "validation", "test"];
        const made_rows = rows.map((inputs, place) => {
            const row = made("tr");
            const button = made("button", "", String(place + 1));
            button.type = "button";
            button.setAttribute("aria-label", `show row ${place + 1}`);
            button.addEventListener("click", () => showRow(place));
            const first = made("td");
            first.append(button);
            row.append(first, made("td", "", parts[data.rows.parts[place]]));
            for (const { first: start, categories } of columns) {
                const text = categories ? categories[categories.findIndex((_, i) => inputs[start + i] === 1)] ?? "" : short(inputs[start]);
                row.append(made("td", "", text));
            }
            for (const _ of more) row.append(made("td", "", "…"));
            const own = data.rows.targets[place];
            row.append(made("td", "", labels ? labels[own] : short(Number(own))));
            const cell = made("td");
            row.append(cell);
            body.append(row);
            return { row, cell };
        });
        body.prepend(head);
        return made_rows;
    }

    function showRow(place) {
        setTarget(Number(data.rows.targets[place]));
        rows[place].forEach((value, i) => setVariable(i, value));
        showPoint();
    }

    function showRows() {
        table.forEach(({ cell }, place) => {
            predict(rows[place]);
            const own = Number(data.rows.targets[place]);
            const found = labels ? chosenClass(scores) : predictions[0];
            cell.textContent = labels ? `${found === own ? "" : "✗ "}${labels[found]}` : short(found);
            cell.className = labels && found !== own ? "wrong" : "";
        });
    }

    function showPoint() {
        predict(point);
        find("predicted").textContent = labels ? labels[chosenClass(scores)] : number(predictions[0]);
        outputs.forEach((output, i) => (output.textContent = number(predictions[i])));
        const loss = net.loss(scores, target, slopes);
        find("loss").textContent = number(loss);
        if (quantity.selectedIndex > 0) {
            seed.fill(0);
            seed[quantity.selectedIndex - 1] = 1;
            net.pull(scores, seed, slopes);
        }
        net.backward(point, parameters, slopes, gradient);
        const steepest = gradient.reduce((most, one) => (Math.abs(one) < Infinity ? Math.max(most, Math.abs(one)) : most), 1e-300);
        gradient.forEach((one, i) => {
            const output = find(`gradient-${i}`);
            output.textContent = number(one);
            output.style.background = colourOf(one, steepest);
        });
        images();
        tellSliders();
        netDrawing.showActivations();
        showTable();
        table.forEach(({ row }, place) => row.classList.toggle("current", rows[place].every((one, i) => one === point[i])));
        if (!grip) return;
        const vertical = isPlane ? point[1] : predictions[0];
        const share = down(vertical);
        grip.setAttribute("cx", percent(across(point[0])));
        grip.setAttribute("cy", percent(Math.max(0, Math.min(1, Number.isNaN(share) ? 1 : share))));
        grip.setAttribute("aria-valuenow", point[0]);
        grip.setAttribute("aria-valuetext", data.variables.map(({ name }, i) => `${name} = ${number(point[i])}`).join(", "));
        if (!isPlane) return;
        const box = plot.getBoundingClientRect();
        const slope = [(gradient[0] * (high - low)) / box.width, (gradient[1] * (upper - bottom)) / box.height];
        drawArrow(across(point[0]) * box.width, share * box.height, slope[0], -slope[1]);
    }

    setTarget(target);
    if (!data.frame) {
        predict(point);
        quantity.selectedIndex = 1 + (labels && predictions.length > 1 ? chosenClass(scores) : 0);
    }
    return (place) => {
        parameters = stills[place];
        if (isPlane) paintPlane();
        if (isCurve) paintCurve();
        netDrawing.showWeights(parameters);
        netDrawing.showPictures(parameters);
        showRows();
        showPoint();
    };
}
