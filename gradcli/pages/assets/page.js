/** What every page uses: its data, numbers as gradcli prints them, and the switch between light and dark. */
const data = JSON.parse(document.getElementById("data").textContent);
const find = (name) => document.getElementById(name);
const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Return a number with all its digits, as Python writes it: 2.0, 1e-07, nan. */
function number(x) {
    if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
    const sign = x < 0 || Object.is(x, -0) ? "-" : "";
    const [digits, power] = Math.abs(x).toExponential().split("e");
    const figures = digits.replace(".", "");
    const exponent = Number(power);
    if (exponent < -4 || exponent >= 16) return sign + digits + "e" + signed(exponent);
    if (exponent < 0) return sign + "0." + "0".repeat(-exponent - 1) + figures;
    if (figures.length <= exponent + 1) return sign + figures.padEnd(exponent + 1, "0") + ".0";
    return sign + figures.slice(0, exponent + 1) + "." + figures.slice(exponent + 1);
}

function signed(exponent) {
    return (exponent < 0 ? "-" : "+") + String(Math.abs(exponent)).padStart(2, "0");
}

/** Return a number with five digits, as the drawings have it. */
function short(x) {
    if (!Number.isFinite(x)) return number(x);
    x += 0; // -0 becomes 0
    if (Math.abs(x) < 1e7 && Number.isInteger(x)) return String(x);
    const [digits, power] = x.toExponential(4).split("e");
    const exponent = Number(power);
    if (exponent < -4 || exponent >= 5) return stripped(digits) + "e" + signed(exponent);
    return stripped(x.toPrecision(5));
}

function stripped(digits) {
    return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
}

/** Return a sentence with its fields filled in. */
function filled(sentence, fields) {
    return sentence.replace(/\{(\w+)\}/g, (_, name) => fields[name]);
}

/** Return a new element with a class and a text. */
function made(tag, name, text) {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (text !== undefined) element.textContent = text;
    return element;
}

/** Return a function that runs another one once before the next frame, however often it is called. */
function beforeFrame(action) {
    let isAsked = false;
    return () => {
        if (isAsked) return;
        isAsked = true;
        requestAnimationFrame(() => {
            isAsked = false;
            action();
        });
    };
}

/** Let the keyboard reach what can be scrolled, and nothing that can't. */
function markScrollers() {
    for (const one of document.querySelectorAll(".scroller, pre")) {
        const isCut = one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight;
        if (isCut) one.tabIndex = 0;
        else one.removeAttribute("tabindex");
    }
}
new ResizeObserver(beforeFrame(markScrollers)).observe(document.body);

{
    const button = find("theme");
    let isDark = matchMedia("(prefers-color-scheme: dark)").matches;
    button.setAttribute("aria-pressed", isDark);
    button.addEventListener("click", () => {
        isDark = !isDark;
        document.documentElement.style.colorScheme = isDark ? "dark" : "light";
        button.setAttribute("aria-pressed", isDark);
    });
}
