/** The drawing of a net: its units in columns, its weights as lines; and the numbers of a point that go through it. */
const COLUMN = 170;
const UNIT = { width: 48, height: 30, pitch: 38 };
const DRAWN = 18;
const LONGEST = 20;
const PICTURE = { across: 32, down: 20 };

const { units, weights } = data.net;
/** The place of the first number of each layer among the activations. */
const places = units.map((_, layer) => units.slice(0, layer).reduce((sum, one) => sum + one, 0));
const activations = new Float64Array(places.at(-1) + units.at(-1));
const scores = activations.subarray(places.at(-1));
const predictions = new Float64Array(data.predictions.length);

/** Return the places of the units of a layer that are drawn; null is a gap. */
function drawnUnits(count) {
    const all = [...Array(count).keys()];
    return count <= DRAWN ? all : [...all.slice(0, DRAWN - 3), null, ...all.slice(-2)];
}

function unitName(layer, unit) {
    if (layer === 0) return data.net.inputs[unit];
    if (layer === units.length - 1) return data.net.outputs[unit];
    return units.length > 3 ? `hidden ${layer}, ${unit + 1}` : `hidden ${unit + 1}`;
}

const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** Return the colour of a number among others, whose largest size is given. */
function colourOf(x, largest) {
    const step = Math.min(4, Math.floor(5 * Math.sqrt(Math.abs(x) / largest)));
    if (!Number.isFinite(x)) return "var(--not-finite)";
    return x === 0 ? "var(--paper)" : `var(--${x < 0 ? "minus" : "plus"}-${step})`;
}

/** Return a number that fits into a unit. */
function brief(x) {
    if (!Number.isFinite(x)) return number(x);
    return Math.abs(x) < 999.5 ? (x + 0).toFixed(2) : x.toExponential(0);
}

/** Return the room for the names beside a layer. */
function roomFor(layer) {
    const names = drawnUnits(units[layer]).map((unit) => (unit === null ? "" : cut(unitName(layer, unit), LONGEST)));
    return Math.max(80, 40 + 7 * Math.max(...names.map((name) => name.length)));
}

const netDrawing = (() => {
    const columns = units.map(drawnUnits);
    const [left, right] = [roomFor(0), roomFor(units.length - 1)];
    const width = left + COLUMN * (units.length - 1) + right;
    const height = UNIT.pitch * Math.max(...columns.map((one) => one.length)) + 34;
    const frame = made("div", "net");
    frame.style.width = `${width}px`;
    const canvas = made("canvas");
    Object.assign(canvas, { width, height });
    canvas.setAttribute("aria-hidden", "true");
    const svg = drawnIn(frame, "svg", "", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img" });
    svg.setAttribute("aria-label", `a net of ${units.join(", ")} units; their activations are in the table below`);
    frame.prepend(canvas);
    find("drawing").append(frame);
    const x = (layer) => left + COLUMN * layer;
    const y = (layer, place) => 34 + (height - 34) / 2 + (place - (columns[layer].length - 1) / 2) * UNIT.pitch;
    const lines = [];
    for (let layer = 1; layer < units.length; layer++) {
        columns[layer - 1].forEach((from, start) => {
            columns[layer].forEach((to, end) => {
                if (from === null || to === null) return;
                const ends = { x1: x(layer - 1) + UNIT.width / 2, x2: x(layer) - UNIT.width / 2 };
                const line = drawnIn(svg, "line", "edge", { ...ends, y1: y(layer - 1, start), y2: y(layer, end) });
                lines.push({ layer, line, place: weights[layer - 1] + to * (units[layer - 1] + 1) + from });
            });
        });
    }
    const cards = [];
    columns.forEach((column, layer) => {
        const last = units.length - 1;
        const heading = layer === 0 ? data.net.seen : layer === last ? "output" : last > 2 ? `hidden ${layer}` : "hidden";
        drawnIn(svg, "text", "heading", { x: x(layer), y: 14 }).textContent = `${heading}: ${units[layer]}`;
        column.forEach((unit, place) => {
            const middle = y(layer, place);
            if (unit === null) {
                drawnIn(svg, "text", "gap", { x: x(layer), y: middle + 6 }).textContent = "⋮";
                return;
            }
            const group = drawnIn(svg, "g", "unit");
            drawnIn(group, "title").textContent = unitName(layer, unit);
            const corner = { x: x(layer) - UNIT.width / 2, y: middle - UNIT.height / 2 };
            const card = drawnIn(group, "rect", "card", { ...corner, width: UNIT.width, height: UNIT.height, rx: 5 });
            const value = drawnIn(group, "text", "value", { x: x(layer), y: middle + 4 });
            cards.push({ layer, card, value, place: places[layer] + unit, ...corner });
            if (layer > 0 && layer < last) return;
            const side = layer === 0 ? -1 : 1;
            const name = drawnIn(group, "text", side < 0 ? "before" : "after", {
                x: x(layer) + side * (UNIT.width / 2 + 7),
                y: middle + 4,
            });
            name.textContent = cut(unitName(layer, unit), LONGEST);
        });
    });

    /** Show the weights. */
    function showWeights(parameters) {
        const largest = units.map(() => 1e-300);
        for (const { layer, place } of lines) largest[layer] = Math.max(largest[layer], Math.abs(parameters[place]) || 0);
        for (const { layer, line, place } of lines) {
            const weight = parameters[place];
            const share = Math.abs(weight) / largest[layer];
            line.setAttribute("class", weight < 0 ? "edge minus" : "edge plus");
            line.setAttribute("stroke-width", (0.4 + 4 * share).toFixed(2));
            line.setAttribute("stroke-opacity", (0.2 + 0.75 * share).toFixed(2));
        }
    }

    /** Show the activations of the point. */
    function showActivations() {
        const largest = units.map((_, layer) => layerPeak(layer));
        for (const { layer, card, value, place } of cards) {
            const x = activations[place];
            value.textContent = brief(x);
            if (data.net.pictured && layer > 0) continue;
            card.style.fill = colourOf(x, largest[layer]);
        }
    }

    function layerPeak(layer) {
        const part = activations.subarray(places[layer], places[layer] + units[layer]);
        return part.reduce((most, one) => (Math.abs(one) < Infinity ? Math.max(most, Math.abs(one)) : most), 1e-300);
    }

    /** Show what each unit does with all points of the plane. */
    function showPictures(parameters) {
        if (!data.net.pictured) return;
        const { across: wide, down: tall } = PICTURE;
        const found = new Float64Array(activations.length * wide * tall);
        const place = new Float64Array(2);
        const one = new Float64Array(activations.length);
        for (let row = 0; row < tall; row++) {
            for (let column = 0; column < wide; column++) {
                place[0] = low + ((column + 0.5) / wide) * (high - low);
                place[1] = upper - ((row + 0.5) / tall) * (upper - bottom);
                net.forward(place, parameters, one);
                found.set(one, (row * wide + column) * one.length);
            }
        }
        const context = canvas.getContext("2d");
        context.clearRect(0, 0, width, height);
        const small = made("canvas");
        Object.assign(small, { width: wide, height: tall });
        const pixels = new ImageData(wide, tall);
        for (const card of cards) {
            if (card.layer === 0) continue;
            let largest = 1e-300;
            for (let i = 0; i < wide * tall; i++) {
                const size = Math.abs(found[i * one.length + card.place]);
                if (size < Infinity) largest = Math.max(largest, size);
            }
            for (let i = 0; i < wide * tall; i++) {
                const x = found[i * one.length + card.place];
                const [red, green, blue] = data.series[x > 0 ? 1 : 0];
                pixels.data.set([red, green, blue, 230 * Math.min(1, Math.abs(x) / largest) || 0], 4 * i);
            }
            small.getContext("2d").putImageData(pixels, 0, 0);
            context.drawImage(small, card.x, card.y, UNIT.width, UNIT.height);
        }
    }

    if (data.net.pictured) for (const { card, layer } of cards) if (layer > 0) card.classList.add("pictured");
    return { showWeights, showActivations, showPictures };
})();

/** Write all activations into a table, if it is open. */
function showTable() {
    const details = find("units");
    if (!details.open) return;
    const head = made("tr");
    for (const word of ["unit", "activation"]) head.append(made("th", "", word));
    const rows = units.flatMap((count, layer) =>
        [...Array(count).keys()].map((unit) => {
            const row = made("tr");
            const name = layer === 0 ? `${unitName(layer, unit)}, as the net sees it` : unitName(layer, unit);
            row.append(made("td", "", name), made("td", "", number(activations[places[layer] + unit])));
            return row;
        }),
    );
    details.querySelector("table").replaceChildren(head, ...rows);
}
find("units").addEventListener("toggle", showTable);
