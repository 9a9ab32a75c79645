"""The builder: a stack machine that runs the instructions of a text and makes a graph; names come from the registry."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from gradcli import limits
from gradcli.errors import ExpressionError, LimitError
from gradcli.graph import (
    Graph,
    Node,
    Options,
    array_node,
    differentiate,
    is_number,
    paused_collector,
    substitute,
)
from gradcli.language.grammar import GRAMMARS
from gradcli.language.instructions import Definition, Repetition, Script, StackInstruction, flattened, script_of
from gradcli.language.parsed import CONSTANTS, ParsedExpression, Spans, doubtful_constants, operation_name
from gradcli.language.parser import Unexpected
from gradcli.primitives import REGISTRY, ArrayFunction, Primitive
from gradcli.records import NamedTuple
from gradcli.source import Note, Source, Span

if TYPE_CHECKING:
    from gradcli.language.function_names import FunctionName

__all__ = ["read"]

#: The notations that are read, which are the names of their grammars.
EXPRESSION, LATEX = GRAMMARS
#: What no text in the expression language has: a command, a space of TeX, a brace behind `^` or `_`, a dollar sign.
_ONLY_LATEX: Final = r"\\[A-Za-z]{2,}|\\[,;:!|{\[(]|[\^_]\s*\{|^\s*\$.*\$\s*$"
#: A longer call gets no note on what it may be meant as.
_LONGEST_READING: Final = 100


class _Function(NamedTuple):
    """A function that the text defines.

    Attributes:
        definition: its parameters and body.
        names, functions: dictionaries from the names in the body to the nodes and the functions that earlier
            definitions give them.
        differentiates: whether the body has a ``diff``.  If so, the body is run with its parameters as variables, and
            the arguments of a call are inserted afterwards.
        known: a dictionary from the arguments of a call to its result.
    """

    definition: Definition
    names: dict[str, Node]
    functions: dict[str, _Function]
    differentiates: bool
    known: dict[tuple[Node, ...], Node]


class _Frame(NamedTuple):
    """A call that the stack machine runs: the instructions of a body, and the meanings of its names.

    Attributes:
        left: the instructions still to be run.
        names: a dictionary from the names in the body to their nodes; a variable is entered when it first appears.
        functions: a dictionary from the names of the defined functions that the body may call to these functions.
        finish: a function that is applied to the result.
        stack: the operands of the next instructions.
    """

    left: Iterator[StackInstruction]
    names: dict[str, Node]
    functions: dict[str, _Function]
    finish: Callable[[Node], Node]
    stack: list[Node]


class _Builder:
    """The stack machine that turns a script into a graph."""

    def __init__(
        self, source: Source, variables: Collection[str], notation: str, *, folds: bool = True, explains: bool = True
    ) -> None:
        self.source = source
        self.notation = notation
        self.explains = explains  # whether errors have hints that are proved by reading them
        self.given = variables
        self.graph = Graph(folds)
        self.spans = Spans()
        self.variables: dict[str, None] = {}  # in order of appearance
        # The meanings of names and of calls after the definitions so far, of which a later one hides an earlier one.
        self.names: dict[str, Node] = {}
        self.functions: dict[str, _Function] = {}
        self.definition: Definition | None = None  # the one that is being read
        self.plain: dict[str, Primitive | None] = {}
        self.has_arrays = False
        self.calls = 0  # of functions that the text defines
        self.written_out = 0  # operations in the terms of sums and products over an index
        self.constants: dict[str, Span] = {}  # the names that are read as constants, and their first places
        self.places: dict[str, Span] = {}  # the first places of the variables that have no value
        self.notes: dict[Note, None] = {}  # in order, each once, however often the body of a function is run

    def build(self, script: Script) -> ParsedExpression:
        self.given = {*self.given, *script.parameters}
        self.notes.update(dict.fromkeys(script.notes))
        outside: Sequence[Definition] = ()
        if self.source.definitions:
            from gradcli.language.definitions import needed

            outside = needed(self.source.definitions, script)
        moved = {one.span for definition in outside for one in definition.body}
        for definition in (*outside, *script.definitions):
            self.definition = definition
            if definition.parameters is None:
                node = self.run(definition.body)
                self.functions.pop(definition.name, None)
                self.names[definition.name] = node
            else:
                function = self.function(definition, definition.parameters)
                self.names.pop(definition.name, None)
                self.functions[definition.name] = function
        self.definition = None
        root = self.run(script.result)
        has_arrays = self.has_arrays and array_node(root) is not None
        # A definition from outside got its notes when it was entered.
        notes = [note for note in (*self.notes, *self.notes_on_names(root)) if note.span not in moved]
        return ParsedExpression(self.source, root, tuple(self.variables), self.spans, has_arrays, notes, self.names)

    def notes_on_names(self, root: Node) -> Iterator[Note]:
        """Yield notes on the names of variables and constants that some people would read in another way."""
        constants = doubtful_constants(self.constants.keys(), root, has_variables=bool(self.variables))
        if self.notation == LATEX:
            self.places = {}  # in LaTeX a letter is a name, and a longer name is written as one
        if not constants and not self.places:
            return
        from gradcli.language.readings import note_on_constant, note_on_name

        for word in [one for one in self.constants if one in constants]:
            yield note_on_constant(word, self.constants[word])
        for name, span in self.places.items():
            note = note_on_name(name, self.variables, span, has_signs="*" in self.source.text)
            if note is not None:
                yield note

    def function(self, definition: Definition, parameters: Collection[str]) -> _Function:
        """Return a defined function; a call of an unknown function is an error even if the body is never run."""
        functions: dict[str, _Function] = {}
        differentiates = False
        body = list(flattened(definition.body))
        for instruction in body:
            text = instruction.payload
            if instruction.code != "call" or (text not in self.functions and REGISTRY.find(text) is not None):
                continue
            from gradcli.language.function_names import FunctionName, known_name

            called = FunctionName.of(text)
            name = called.word
            if name in self.functions and name not in parameters:
                functions[name] = self.functions[name]
            elif name == "diff":
                differentiates = True
            elif known_name(name) is None:
                raise self.unknown_function(instruction, called)
        used = {one.payload for one in body if one.code == "name"}
        names = {name: self.names[name] for name in used if name in self.names}
        return _Function(definition, names, functions, differentiates, {})

    def run(self, code: list[StackInstruction]) -> Node:
        """Run instructions that won't be run again, and return their result.

        Calls of defined functions push frames, so nothing recurses.  Each instruction is deleted after it has run,
        which saves memory if there are many.
        """
        code.reverse()
        left = iter(lambda: code.pop() if code else None, None)
        frames = [_Frame(left, self.names, self.functions, lambda node: node, [])]
        while True:
            frame = frames[-1]
            entered = self.advance(frame)
            if entered is not None:
                frames.append(entered)
                continue
            frames.pop()
            result = frame.finish(frame.stack.pop())
            if not frames:
                return result
            frames[-1].stack.append(result)

    def advance(self, frame: _Frame) -> _Frame | None:
        """Run a frame up to its end, or up to a call of a defined function; return the frame of the call, else None."""
        stack, names = frame.stack, frame.names
        add, constant, locate, binary = self.graph.add, self.graph.constant, self.spans.add, REGISTRY.binary
        for instruction in frame.left:
            code, payload, count, start, end, _ = instruction
            # The instructions that large expressions consist of run here, the others in `step`.
            if code == "binary" and payload in binary:
                right = stack.pop()
                node = add(binary[payload], (stack.pop(), right))
            elif code == "name":
                if payload not in names:
                    names[payload] = self.variable(payload, start, end)
                node = names[payload]
            elif code == "number":
                node = constant(payload)
            elif code == "call" and (primitive := self.plainly_called(instruction, frame)) is not None:
                operands = tuple(stack[-count:])
                del stack[-count:]
                node = add(primitive, operands)
            else:
                result = self.step(instruction, frame)
                if isinstance(result, _Frame):
                    return result
                stack.append(result)
                continue
            stack.append(node)
            locate(node, start, end)
        return None

    def step(self, instruction: StackInstruction, frame: _Frame) -> Node | _Frame:
        """Run one instruction; return its node, or the frame to enter if it calls a defined function."""
        stack, code, payload = frame.stack, instruction.code, instruction.payload
        if code in ("call", "array", "index"):
            first = len(stack) - instruction.operands
            arguments = tuple(stack[first:])
            del stack[first:]
            if code == "call":
                return self.call(instruction, arguments, frame)
            if code == "index":
                from gradcli.language.array_calls import index_options

                index: Any = REGISTRY.arrays["index"]
                return self.operation(index, arguments[:1], instruction, index_options(instruction, arguments[1:]))
            return self.operation(REGISTRY.offered["stack"], arguments, instruction)
        operand = stack.pop()
        if code == "repeat":
            return self.repeated(instruction, (stack.pop(), operand), frame)
        if code == "binary":
            offered = REGISTRY.offered.values()
            function = next(one for one in offered if one.infix and one.infix.symbol == payload)
            return self.operation(function, (stack.pop(), operand), instruction)
        if code == "prefix" and payload == "-" and operand.constant is not None and operand.name is None:
            return self.located(self.graph.constant(-operand.constant), instruction)
        table = REGISTRY.prefix if code == "prefix" else REGISTRY.postfix
        return self.operation(table[payload], (operand,), instruction)

    def repeated(self, instruction: StackInstruction, bounds: tuple[Node, Node], frame: _Frame) -> _Frame:
        """Return the frame that runs the terms of a sum or a product over an index, and adds or multiplies them."""
        from gradcli.language.repetitions import instructions_of, range_of, refuse_growth

        repetition: Repetition = instruction.payload
        values = range_of(instruction, self.source.text, bounds)
        self.written_out += (repetition.size + 1) * max(0, values.stop - values.start)
        refuse_growth(self.written_out, instruction.span)
        if not values:
            for name in repetition.names:  # which are variables although there is no term
                if name not in frame.names and name != repetition.variable:
                    self.variable(name, instruction.start, instruction.end)
        names = dict(frame.names)
        terms = instructions_of(instruction, values, names, self.graph)
        return _Frame(terms, names, frame.functions, lambda node: node, [])

    def located(self, node: Node, instruction: StackInstruction) -> Node:
        self.spans.add(node, instruction.start, instruction.end)
        return node

    def operation(
        self,
        function: Primitive | ArrayFunction,
        operands: tuple[Node, ...],
        instruction: StackInstruction,
        options: Options = (),
    ) -> Node:
        self.has_arrays = self.has_arrays or isinstance(function, ArrayFunction)
        return self.located(self.graph.add(function, operands, options), instruction)

    def variable(self, word: str, start: int, end: int) -> Node:
        """Return the node of a name that is neither a parameter nor defined: a constant or a variable."""
        if word in CONSTANTS and word not in self.given:
            canonical, value = CONSTANTS[word]
            self.constants.setdefault(word, Span(start, end))
            return self.graph.constant(value, canonical)
        self.variables.setdefault(word)
        if not (len(word) == 1 or word[1:].isdecimal() or word in self.given):
            self.places.setdefault(word, Span(start, end))
        return self.graph.variable(word)

    # Calls

    def plainly_called(self, instruction: StackInstruction, frame: _Frame) -> Primitive | None:
        """Return the primitive of a call, if the call is a plain name with the right number of arguments; else None."""
        word = instruction.payload
        if word not in self.plain:
            found = REGISTRY.find(word)
            self.plain[word] = None if found is None or found.static or found.variadic else found
        primitive = self.plain[word]
        fits = primitive is not None and instruction.operands == primitive.arity and not instruction.options
        return primitive if fits and word not in frame.functions else None

    def call(self, instruction: StackInstruction, arguments: tuple[Node, ...], frame: _Frame) -> Node | _Frame:
        """Return the node of a call that isn't plain, or the frame to enter if it calls a defined function."""
        from gradcli.language.function_names import LOGARITHM, FunctionName, inverse_function, known_name

        called = FunctionName.of(instruction.payload)
        defined = frame.functions.get(called.word)
        if called.power == -1 and not called.primes:
            inverse = inverse_function(instruction, self.source.text, called, is_defined=defined is not None)
            if inverse is not None:
                self.notes.setdefault(inverse[1])
                called = called._replace(word=inverse[0].name, power=None)
        if defined is not None:
            return self.defined_call(defined, called, arguments, instruction)
        name = known_name(called.word) or called.word
        if name == "diff":
            return self.raised(self.derivative(instruction, arguments), called.power, instruction)
        primitive = REGISTRY.find(name)
        # With one argument, or with options, max and min reduce an array.
        reduces = primitive is None or (primitive.variadic and (len(arguments) == 1 or instruction.options))
        if reduces and name in REGISTRY.offered:
            if called.primes:
                raise instruction.error(f"`{name}` works on arrays and can't have a prime", kind="array")
            from gradcli.language.array_calls import operands_and_options

            function = REGISTRY.offered[name]
            operands, options = operands_and_options(instruction, self.source.text, function, arguments)
            return self.raised(self.operation(function, operands, instruction, options), called.power, instruction)
        if name.startswith(LOGARITHM) and not (called.primes or instruction.options):
            base = self.base(name, arguments, instruction, frame)
            if base is not None:
                return self.raised(self.logarithm(arguments[0], base, instruction), called.power, instruction)
        if primitive is None:
            composed = self.composed_function(name, arguments, instruction)
            if composed is None:
                raise self.unknown_function(instruction, called)
            from gradcli.graph.conditions import decided

            body = self.defined_call(composed, called, arguments, instruction)
            assert isinstance(body, _Frame)  # no result is known yet
            finish = body.finish

            # root(x, 3) has one branch, since its condition is about 3 alone.
            return body._replace(finish=lambda result: finish(decided(result, {})))
        variable = self.primed_variable(name, called, arguments, instruction)
        operands = arguments if variable is None else (variable,)
        statics = zip(primitive.static, operands, strict=False)
        if not primitive.takes(len(operands)) or any(operand.constant is None for _, operand in statics):
            from gradcli.language.call_errors import wrong_arguments

            raise wrong_arguments(instruction, called.word, primitive, operands, self.source.text)
        return self.finished(self.graph.add(primitive, operands), called, variable, arguments, instruction)

    def composed_function(
        self, name: str, arguments: tuple[Node, ...], instruction: StackInstruction
    ) -> _Function | None:
        """Return the function with this name that is read as a formula; None if there is none."""
        from gradcli.language.composed import composed

        found = composed(name, len(arguments))
        if found is None:
            return None
        note = found.note(instruction, self.source.text)
        if note is not None:
            self.notes.setdefault(note)
        # No value of a user's variable changes the formula.
        word, value = CONSTANTS["pi"]
        names = {word: self.graph.constant(value, word)}
        return _Function(found.definition(instruction), names, {}, False, {})

    def defined_call(
        self, function: _Function, called: FunctionName, arguments: tuple[Node, ...], instruction: StackInstruction
    ) -> Node | _Frame:
        """Return the frame of a call of a defined function, or its result if it is known."""
        variable = self.primed_variable(called.word, called, arguments, instruction)
        operands = arguments if variable is None else (variable,)
        parameters = function.definition.parameters or ()
        if len(parameters) != len(arguments):
            from gradcli.language.call_errors import wrong_count

            raise wrong_count(instruction, f"{called.word}({', '.join(parameters)})", len(parameters))
        if variable is None and operands in function.known:
            return self.raised(function.known[operands], called.power, instruction)
        given = operands
        if function.differentiates and variable is None:
            given = tuple([self.graph.fresh_variable(parameter) for parameter in parameters])

        def finish(result: Node) -> Node:
            if given is not operands:
                result = substitute(result, dict(zip(given, operands, strict=True)), exactly=True)
            if variable is None:
                function.known[operands] = result
            return self.finished(result, called, variable, arguments, instruction)

        self.calls += 1
        if self.calls > limits.CALLS:
            bound = limits.refusal("CALLS", f"the definitions lead to more than {limits.CALLS:,} calls")
            raise instruction.error(bound.message, kind=bound.kind, hint=bound.hint)
        names = function.names | dict(zip(parameters, given, strict=True))
        return _Frame(iter(function.definition.body), names, function.functions, finish, [])

    def primed_variable(
        self, name: str, called: FunctionName, arguments: tuple[Node, ...], instruction: StackInstruction
    ) -> Node | None:
        """Return the variable with respect to which a call with primes is differentiated; None if it has no primes."""
        self.refuse_options(name, instruction)
        if not called.primes:
            return None
        if len(arguments) != 1:
            primed = name + "'" * called.primes
            hint = f"write `diff({name}(x, y), x)`"
            raise instruction.error(f"`{primed}` needs a function of one argument", kind="arity", hint=hint)
        return self.graph.fresh_variable("argument")

    def finished(
        self,
        result: Node,
        called: FunctionName,
        variable: Node | None,
        arguments: tuple[Node, ...],
        instruction: StackInstruction,
    ) -> Node:
        """Return the result of a call after it is differentiated once for each prime and raised to the name's power."""
        if variable is not None:
            self.refuse_arrays(result, instruction)
            derivative = self.differentiated(result, variable, called.primes, instruction)
            result = substitute(derivative, {variable: arguments[0]})
        return self.raised(self.located(result, instruction), called.power, instruction)

    def raised(self, result: Node, power: float | None, instruction: StackInstruction) -> Node:
        """Return a power of a result, since sin^2(x) means sin(x)^2."""
        if power is None:
            return result
        return self.operation(REGISTRY.binary["^"], (result, self.graph.constant(power)), instruction)

    def base(self, name: str, arguments: Sequence[Node], instruction: StackInstruction, frame: _Frame) -> Node | None:
        """Return the base of ``log(x, b)``, ``log_b(x)`` or ``log₂(x)``; None if the call is none of these."""
        from gradcli.language.function_names import LOGARITHM, base_in_name, note_on_base

        if name == LOGARITHM and len(arguments) == 2:
            operand, base = arguments
            is_short = instruction.end - instruction.start <= _LONGEST_READING
            if is_short and base.constant is None and is_number(operand):
                self.notes.setdefault(note_on_base(instruction, *instruction.arguments_in(self.source.text)))
            return base
        word = base_in_name(name)
        if word is None or len(arguments) != 1 or REGISTRY.find(name) is not None:
            return None
        if word.isdecimal():
            return self.graph.constant(float(word))
        if word not in frame.names:
            frame.names[word] = self.variable(word, instruction.start, instruction.end)
        return frame.names[word]

    def logarithm(self, operand: Node, base: Node, instruction: StackInstruction) -> Node:
        """Return the logarithm of an operand to a base; some bases have a function of their own."""
        from gradcli.language.function_names import LOGARITHM

        known = REGISTRY.find(f"{LOGARITHM}{base.constant:g}") if base.constant is not None else None
        if known is not None:
            return self.operation(known, (operand,), instruction)
        logarithms = tuple([self.operation(REGISTRY[LOGARITHM], (one,), instruction) for one in (operand, base)])
        return self.operation(REGISTRY.binary["/"], logarithms, instruction)

    # Derivatives

    def derivative(self, instruction: StackInstruction, arguments: tuple[Node, ...]) -> Node:
        """Return the derivative that ``diff(EXPR, x)`` or ``diff(EXPR, x, n)`` means."""
        from gradcli.language.function_names import order_of

        self.refuse_options("diff", instruction)
        order = order_of(instruction, arguments)
        self.refuse_arrays(arguments[0], instruction)
        return self.located(self.differentiated(arguments[0], arguments[1], order, instruction), instruction)

    def differentiated(self, root: Node, target: Node, order: int, instruction: StackInstruction) -> Node:
        """Return the derivative of a node; an order that is too high is an error at the place of the instruction."""
        try:
            return differentiate.derivative(root, target, order)
        except LimitError as error:
            raise instruction.error(error.message, kind=error.kind, hint=error.hint) from None

    def refuse_arrays(self, root: Node, instruction: StackInstruction) -> None:
        """Raise an error if the function to differentiate works on arrays."""
        found = array_node(root) if self.has_arrays else None
        if found is not None:
            message = f"`{operation_name(found)}` works on arrays, and a derivative inside an expression takes numbers"
            raise instruction.error(message, kind="array", hint="gradcli grad differentiates functions of arrays")

    def refuse_options(self, name: str, instruction: StackInstruction) -> None:
        """Raise an error if a function of numbers is called with an option."""
        if instruction.options:
            message = f"`{name}` has no option `{instruction.options[0]}`"
            raise instruction.error(message, kind="option", hint="to compare, write `==`")

    def unknown_function(self, instruction: StackInstruction, called: FunctionName) -> ExpressionError:
        """Return the error for a call of a name that is not a function."""
        from gradcli.language.call_errors import unknown_function

        parameters = (self.definition.parameters or ()) if self.definition is not None else ()
        return unknown_function(
            instruction,
            called,
            self.source.text,
            definition=self.definition,
            names={*self.variables, *self.given, *self.names, *parameters},
            functions=self.functions,
            is_readable=partial(_is_readable, self.source, self.given, self.notation) if self.explains else None,
        )


def _is_readable(source: Source, variables: Collection[str], notation: str, text: str, part: Span) -> bool:
    """Whether a part of a text, put in place of the source, can be read; the rest of the text may be wrong."""
    source = source._replace(text=text)
    try:
        _Builder(source, variables, notation, explains=False).build(_script(text, variables, notation))
    except Unexpected as error:
        return not part.start <= error.token.start <= part.end
    except ExpressionError as error:
        return error.span is None or not (part.start <= error.span.start and error.span.end <= part.end)
    return True


def _script(text: str, variables: Collection[str], notation: str) -> Script:
    """Return the instructions of a text in a notation."""
    if notation == LATEX:
        from gradcli.language.latex_formulas import latex_script_of

        return latex_script_of(text, variables)
    return script_of(text)


def read(
    text: str,
    *,
    variables: Collection[str] = (),
    name: str = "expression",
    notation: str | None = None,
    definitions: tuple[Definition, ...] = (),
    folds: bool = True,
) -> ParsedExpression:
    r"""Return the graph of a text.

    Args:
        text: the expression, which may follow definitions.
        variables: names that are variables although a constant (pi, e, ...) has the same name.
        name: the name of the text in error messages.
        notation: ``"expression"`` or ``"latex"``; by default a text that can only be LaTeX is read as LaTeX, and a note
            says so.
        definitions: definitions that the text may use as if they were written before it.
        folds: whether derivatives in the text compute operations on numbers; see `Graph`.

    Raises:
        ExpressionError: the text isn't a valid expression; the error holds the place and a hint.

    >>> read("r = sqrt(x^2 + y^2); r*sin(2r)").variables
    ('x', 'y')
    >>> read(r"\frac{x}{2}").notes[0].message
    'the text is read as LaTeX'
    """
    source = Source(text, name, notation, definitions)
    if len(text) > limits.EXPRESSION_LENGTH:
        message = f"an expression has at most {limits.EXPRESSION_LENGTH:,} characters, not {len(text):,}"
        raise limits.refusal("EXPRESSION_LENGTH", message)
    try:
        return _read(source, variables, notation or EXPRESSION, folds)
    except ExpressionError:
        if notation is not None or re.search(_ONLY_LATEX, text) is None:
            raise
    found = _read(source, variables, LATEX, folds)
    found.notes = (Note("notation", "the text is read as LaTeX"), *found.notes)
    return found


def _read(source: Source, variables: Collection[str], notation: str, folds: bool = True) -> ParsedExpression:
    """Return the graph of a text in one notation."""
    try:
        with paused_collector():
            return _Builder(source, variables, notation, folds=folds).build(_script(source.text, variables, notation))
    except (Unexpected, ExpressionError) as error:
        raise _explained(error, source, variables, notation) from None


def _explained(
    error: Unexpected | ExpressionError, source: Source, variables: Collection[str], notation: str
) -> ExpressionError:
    """Return the error to report to a user, with a hint that can be read."""
    from gradcli.language.hints import likely_reading, with_true_hint

    is_readable = partial(_is_readable, source, variables, notation)
    if isinstance(error, ExpressionError):
        error.source = source
    elif notation == LATEX:
        from gradcli.language.latex_errors import latex_error

        error = latex_error(error, source)
    else:
        from gradcli.language.syntax_errors import syntax_error

        error = syntax_error(error, source, likely_reading(source.text, is_readable))
    return with_true_hint(error, is_readable, is_typed=notation == EXPRESSION)
