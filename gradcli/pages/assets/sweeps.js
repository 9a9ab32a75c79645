/**
 * A tape that is swept forward and backward as `gradcli grad` sweeps it.  `operations` has the value and the local
 * derivatives of each different operation.
 */

/** A tape with the numbers of its last sweeps. */
class Sweeps {
    constructor(tape) {
        this.first = tape.variables + tape.constants.length;
        this.instructions = tape.operations.map(([place, ...operands]) => ({
            value: operations[place][0],
            partials: operations[place][1],
            operands,
        }));
        this.count = this.first + this.instructions.length;
        this.output = tape.output;
        this.dependent = tape.dependent;
        this.values = new Float64Array(this.count);
        this.values.set(tape.constants.map(Number), tape.variables);
        this.adjoints = new Float64Array(this.count);
        this.arrived = new Uint8Array(this.count);
        const places = new Int32Array(this.count + 1);
        this.instructions.forEach((one, i) => {
            places[this.first + i + 1] = places[this.first + i] + one.operands.length;
        });
        /** The place of the first operand of each operation in the two arrays that follow. */
        this.places = places;
        this.partials = new Float64Array(places[this.count]);
        this.selected = new Uint8Array(places[this.count]);
        const widest = Math.max(1, ...this.instructions.map((one) => one.operands.length));
        this.d = new Float64Array(widest);
        this.s = new Uint8Array(widest);
    }

    forward(inputs) {
        const values = this.values;
        values.set(inputs);
        this.instructions.forEach(({ value, operands }, i) => {
            const [a, b] = operands;
            const slot = this.first + i;
            if (operands.length === 2) values[slot] = value(values[a], values[b]);
            else if (operands.length === 1) values[slot] = value(values[a]);
            else values[slot] = value(...operands.map((one) => values[one]));
        });
    }

    /** Sweep from the output back to a slot. */
    backward(last) {
        const { values, adjoints, arrived, dependent, d, s } = this;
        adjoints.fill(0);
        arrived.fill(0);
        this.selected.fill(0);
        if (last >= this.count) return;
        adjoints[this.output] = 1;
        arrived[this.output] = 1;
        for (let slot = this.count - 1; slot >= Math.max(last, this.first); slot--) {
            if (!arrived[slot] || !dependent[slot]) continue;
            const { partials, operands } = this.instructions[slot - this.first];
            const [a, b] = operands;
            const y = values[slot];
            s.fill(0);
            if (operands.length === 2) partials(values[a], values[b], y, d, s);
            else if (operands.length === 1) partials(values[a], y, d, s);
            else partials(...operands.map((one) => values[one]), y, d, s);
            for (let i = 0; i < operands.length; i++) {
                const operand = operands[i];
                if (!s[i] || !dependent[operand]) continue;
                const partial = Number.isNaN(y) ? y : d[i]; // no value, no derivative
                this.partials[this.places[slot] + i] = partial;
                this.selected[this.places[slot] + i] = 1;
                // The result is a number that does not depend on the operand, as x^0.
                if (partial === 0 && Number.isNaN(values[operand])) continue;
                const contribution = adjoints[slot] * partial;
                adjoints[operand] = arrived[operand] ? adjoints[operand] + contribution : contribution;
                arrived[operand] = 1;
            }
        }
    }

    /** Return what an operation passes to its operands. */
    passed(slot) {
        if (slot < this.first) return [];
        return this.instructions[slot - this.first].operands.flatMap((operand, i) => {
            const place = this.places[slot] + i;
            const partial = this.partials[place];
            return this.selected[place] ? [{ i, operand, partial, value: this.adjoints[slot] * partial }] : [];
        });
    }
}
