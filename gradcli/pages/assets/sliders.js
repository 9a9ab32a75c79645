/** The sliders of variables, the boxes for their numbers, and the places of the derivatives. */
const point = Float64Array.from(data.variables, (one) => Number(one.value));

/** Make the sliders; changed() is called after each change of the point. */
function makeSliders(changed, hasDerivatives = true) {
    const rows = data.variables.map(({ name, low, high, step }, place) => {
        const row = made("div", "slider");
        const label = made("label", "", name);
        label.htmlFor = `range-${place}`;
        const range = made("input");
        Object.assign(range, { type: "range", id: `range-${place}`, min: low, max: high, step });
        const box = made("input");
        Object.assign(box, { type: "text", id: `number-${place}`, inputMode: "decimal", autocomplete: "off" });
        box.spellcheck = false;
        box.setAttribute("aria-label", `${name} as a number`);
        const derivative = made("span", "derivative", `d/d${name} `);
        const output = made("output");
        output.id = `gradient-${place}`;
        derivative.append(output);
        row.append(label, range, box, ...(hasDerivatives ? [derivative] : []));
        return row;
    });
    find("sliders").replaceChildren(...rows);
    data.variables.forEach((_, place) => {
        const range = find(`range-${place}`);
        const box = find(`number-${place}`);
        range.addEventListener("input", () => setVariable(place, Number(range.value), range));
        box.addEventListener("input", () => {
            const text = box.value.trim();
            const value = Number(text.replace(/^([+-]?)inf$/, "$1Infinity"));
            const isNumber = text !== "" && !Number.isNaN(value);
            box.setAttribute("aria-invalid", !isNumber);
            if (isNumber) setVariable(place, value, box);
        });
        box.addEventListener("change", () => show(place));
        show(place);
    });

    function show(place, source) {
        const range = find(`range-${place}`);
        const box = find(`number-${place}`);
        const text = number(point[place]);
        if (source !== range) range.value = point[place];
        range.setAttribute("aria-valuetext", text);
        if (source !== box) {
            box.value = text;
            box.removeAttribute("aria-invalid");
        }
    }

    function setVariable(place, value, source) {
        point[place] = value;
        show(place, source);
        changed();
    }

    return setVariable;
}
