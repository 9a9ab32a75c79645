"""The builder: a stack machine that runs the instructions of a text and makes a graph; names come from the registry."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from gradcli import limits
from gradcli.errors import ExpressionError, LimitError
from gradcli.graph import (
    Graph,
    Node,
    Options,
    Slice,
    array_node,
    differentiate,
    is_number,
    paused_collector,
    substitute,
    toposort,
)
from gradcli.language.grammar import load_table
from gradcli.language.instructions import (
    SUBSCRIPTS,
    SUPERSCRIPTS,
    Definition,
    InstructionWriter,
    Script,
    StackInstruction,
)
from gradcli.language.parsed import CONSTANTS, ParsedExpression, Spans, operation_name
from gradcli.language.parser import Parser, Unexpected
from gradcli.primitives import REGISTRY, ArrayFunction, Primitive
from gradcli.records import NamedTuple
from gradcli.source import Note, Source, Span, did_you_mean, split_arguments

__all__ = ["CONSTANTS", "read"]

#: The constants whose names are mostly those of variables; the others are constants unless a formula shows otherwise.
_SELDOM_CONSTANT: Final = frozenset({"tau", "τ", "phi", "φ"})
_LOGARITHM: Final = "log"
_LONGEST_READING: Final = 100
#: log_2, log2, log₂, log_b: the base is the first or the second group.
_LOGARITHM_TO_BASE: Final = r"log(?:_(\w+)|([\d₀-₉ₐₑₓₖₙ]+))"


@lru_cache(maxsize=1)
def _function() -> re.Pattern[str]:
    """Return the pattern of the parts of a called name; it is compiled only if a call isn't a plain name."""
    power = r"\^-?\d+|\^\(-1\)|[⁺⁻]?[⁰¹²³⁴-⁹]+"
    return re.compile(rf"(?P<name>[^\W⁰¹²³⁴-⁹]+)(?P<primes>['′’″]*)(?P<raised>{power})?")


def _power_of(match: re.Match[str]) -> float | None:
    """Return the power between the name of a function and its argument: 2 in sin^2(x)."""
    raised = match["raised"]
    return None if raised is None else float(raised.translate(SUPERSCRIPTS).strip("^()"))


class _Function(NamedTuple):
    """A function that the text defines.

    Attributes:
        definition: its parameters and body.
        names, functions: what the names and the calls in its body mean by the definitions before it.
        differentiates: whether the body has a ``diff``, which needs the parameters, not the arguments of a call.
        known: the arguments of a call -> its result.
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
        names: the names in the body -> their nodes; a variable is entered when it first appears.
        functions: the names of the defined functions that the body may call -> the functions.
        finish: a function that the result goes through.
        stack: the operands of the next instructions.
    """

    left: Iterator[StackInstruction]
    names: dict[str, Node]
    functions: dict[str, _Function]
    finish: Callable[[Node], Node]
    stack: list[Node]


class _Builder:
    """The stack machine that turns a script into a graph."""

    def __init__(self, source: Source, variables: Collection[str], *, explains: bool = True) -> None:
        self.source = source
        self.explains = explains  # whether errors have hints that are proved by reading them
        self.given = variables
        self.graph = Graph()
        self.spans = Spans()
        self.variables: dict[str, None] = {}  # in order of appearance
        # The meanings of names and of calls after the definitions so far, of which a later one hides an earlier one.
        self.names: dict[str, Node] = {}
        self.functions: dict[str, _Function] = {}
        self.definition: Definition | None = None  # the one that is being read
        self.plain: dict[str, Primitive | None] = {}
        self.has_arrays = False
        self.calls = 0  # of functions that the text defines
        self.constants: dict[str, Span] = {}  # the names that are read as constants, and their first places
        self.places: dict[str, Span] = {}  # the first places of the variables that have no value
        self.notes: list[Note] = []

    def build(self, script: Script) -> ParsedExpression:
        self.given = {*self.given, *script.parameters}
        self.notes += script.notes
        for definition in script.definitions:
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
        notes = (*self.notes, *self.notes_on_names(root))
        return ParsedExpression(self.source, root, tuple(self.variables), self.spans, has_arrays, notes)

    def notes_on_names(self, root: Node) -> Iterator[Note]:
        """Yield the notes on names that are read otherwise than some people mean."""
        constants = {word for word in self.constants if word in _SELDOM_CONSTANT}
        if self.variables and (others := self.constants.keys() - constants):
            values = {CONSTANTS[word][0] for word in others}
            doubtful = {name for name in values if any(_looks_variable(node, name) for node in toposort([root]))}
            constants |= {word for word in others if CONSTANTS[word][0] in doubtful}
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
        for instruction in definition.body:
            match = _function().fullmatch(instruction.payload) if instruction.code == "call" else None
            if match is None:
                continue
            name = match["name"]
            if name in self.functions and name not in parameters:
                functions[name] = self.functions[name]
            elif name == "diff":
                differentiates = True
            elif _function_name(name) is None:
                raise self.unknown_function(match, instruction)
        used = {one.payload for one in definition.body if one.code == "name"}
        names = {name: self.names[name] for name in used if name in self.names}
        return _Function(definition, names, functions, differentiates, {})

    def run(self, code: list[StackInstruction]) -> Node:
        """Run instructions that are run once, and return their result.

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
                return self.index(arguments, instruction)
            return self.operation(REGISTRY.offered["stack"], arguments, instruction)
        operand = stack.pop()
        if code == "binary":
            offered = REGISTRY.offered.values()
            function = next(one for one in offered if one.infix and one.infix.symbol == payload)
            return self.operation(function, (stack.pop(), operand), instruction)
        if code == "prefix" and payload == "-" and operand.constant is not None and operand.name is None:
            return self.located(self.graph.constant(-operand.constant), instruction)
        table = REGISTRY.prefix if code == "prefix" else REGISTRY.postfix
        return self.operation(table[payload], (operand,), instruction)

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

    # Arrays

    def index(self, arguments: tuple[Node, ...], instruction: StackInstruction) -> Node:
        """Return the node of an index such as ``A[1:, -1]``; the payload tells which numbers each part has."""
        numbers = iter([self.whole_number(argument, instruction) for argument in arguments[1:]])
        key = [
            next(numbers) if given == (True,) else Slice(*[next(numbers) if one else None for one in given])
            for given in instruction.payload
        ]
        if any(isinstance(part, Slice) and part.step == 0 for part in key):
            raise self.refuse("the step of a slice can't be 0", instruction, "array", None)
        index: Any = REGISTRY.arrays["index"]
        return self.operation(index, arguments[:1], instruction, (("key", tuple(key)),))

    def whole_number(self, node: Node, instruction: StackInstruction) -> int:
        number = _constant_of(node)
        if isinstance(number, float) and number.is_integer():
            return int(number)
        hint = "it counts from 0; a negative one counts from the end"
        if number is None:
            hint = "it can't depend on a variable"
        raise self.refuse("an index is a whole number or a slice of whole numbers", instruction, "array", hint)

    def array_call(self, function: ArrayFunction, arguments: tuple[Node, ...], instruction: StackInstruction) -> Node:
        """Return the node of a call of a function of arrays; its options are numbers or lists of numbers."""
        named = instruction.options
        positional = arguments[: len(arguments) - len(named)]
        operands = positional if function.variadic else positional[: function.arity]
        given = dict(zip(function.options, positional[len(operands) :], strict=False))
        too_many = len(positional) > len(operands) + len(function.options)
        if len(operands) < function.arity or too_many:
            at_most = function.arity + len(function.options)
            if function.variadic:
                expected: int | str = f"{function.arity} or more"
            else:
                expected = function.arity if at_most == function.arity else f"{function.arity} to {at_most}"
            raise self.arity(_signature(function), expected, len(positional), instruction)
        for name, argument in zip(named, arguments[len(positional) :], strict=True):
            if name in given:
                raise self.refuse(f"`{name}` is given twice", instruction, "option", None)
            if name not in function.options:
                message = f"`{_signature(function)}` has no option `{name}`"
                raise self.refuse(message, instruction, "option", "to compare, write `==`")
            given[name] = argument
        if len(positional) > len(operands) and function.arity == 1 and is_number(operands[0]):
            raise self.two_numbers(function, positional, given, instruction)
        options = []
        for name, default in function.options.items():
            value = default if name not in given else _option_of(_constant_of(given[name]))
            if value is None and name in given:
                hint = "there is no derivative with respect to it, so it can't depend on a variable"
                if len(positional) > 1 and function.arity == 1 and name not in named:
                    hint = f"to take several values together, make an array of them: `{function.name}([x, y])`"
                message = f"the argument `{name}` of `{_signature(function)}` must be a number"
                raise self.refuse(message, instruction, "static", hint)
            if value != default:
                options.append((name, value))
        return self.operation(function, operands, instruction, tuple(options))

    def two_numbers(
        self,
        function: ArrayFunction,
        arguments: Sequence[Node],
        options: Collection[str],
        instruction: StackInstruction,
    ) -> ExpressionError:
        """Return the error for ``norm(3, 4)``, whose second number may belong to the first or be an option."""
        texts = [self.source.text[place.start : place.end] for place in (self.spans[one][-1] for one in arguments)]
        named = [f"{name}={text}" for name, text in zip(options, texts[1:], strict=False)]
        together, apart = f"{function.name}([{', '.join(texts)}])", f"{function.name}({', '.join([texts[0], *named])})"
        message = f"`{self.source.text[instruction.start : instruction.end]}` can be read in two ways"
        return self.refuse(message, instruction, "ambiguous", f"write `{together}` or `{apart}`")

    # Calls

    def plainly_called(self, instruction: StackInstruction, frame: _Frame) -> Primitive | None:
        """Return the primitive of a call, if the call is a plain name with the right number of arguments; else None."""
        word = instruction.payload
        if word not in self.plain:
            found = REGISTRY.find(_function_name(word) or word)
            self.plain[word] = None if found is None or found.static or found.variadic else found
        primitive = self.plain[word]
        fits = primitive is not None and instruction.operands == primitive.arity and not instruction.options
        return primitive if fits and word not in frame.functions else None

    def call(self, instruction: StackInstruction, arguments: tuple[Node, ...], frame: _Frame) -> Node | _Frame:
        match = _function().fullmatch(instruction.payload)
        assert match is not None  # the calls by a sign, |x| and √x, are plain
        name, primes = match["name"], len(match["primes"]) + match["primes"].count("″")
        power = _power_of(match)
        function, primitive = frame.functions.get(name), None
        if function is None:
            name = _function_name(name) or name
            primitive = REGISTRY.find(name)
            if name == "diff":
                return self.raised(self.derivative(instruction, arguments), power, instruction)
            # With one argument, or with options, max and min reduce an array.
            reduces = primitive is None or (primitive.variadic and (len(arguments) == 1 or instruction.options))
            if reduces and name in REGISTRY.offered:
                if primes:
                    raise self.refuse(f"`{name}` works on arrays and can't have a prime", instruction, "array", None)
                result = self.array_call(REGISTRY.offered[name], arguments, instruction)
                return self.raised(result, power, instruction)
            if name.startswith(_LOGARITHM) and not (primes or instruction.options):
                base = self.base(name, arguments, instruction, frame)
                if base is not None:
                    return self.raised(self.logarithm(arguments[0], base, instruction), power, instruction)
            if power == -1 and not primes:
                primitive, power = self.inverse(match, name, instruction), None
            if primitive is None:
                raise self.unknown_function(match, instruction)
        if instruction.options:
            message = f"`{name}` has no option `{instruction.options[0]}`"
            raise self.refuse(message, instruction, "option", "to compare, write `==`")
        if primes and len(arguments) != 1:
            primed = name + "'" * primes
            hint = f"write `diff({name}(x, y), x)`"
            raise self.refuse(f"`{primed}` needs a function of one argument", instruction, "arity", hint)
        variable = self.graph.fresh_variable("argument") if primes else None
        operands = arguments if variable is None else (variable,)

        def finish(result: Node) -> Node:
            if variable is not None:
                self.refuse_arrays(result, instruction)
                derivative = self.differentiated(result, variable, primes, instruction)
                result = substitute(derivative, {variable: arguments[0]})
            return self.raised(self.located(result, instruction), power, instruction)

        if function is None:
            assert primitive is not None
            self.check_arity(primitive, operands, instruction)
            return finish(self.graph.add(primitive, operands))
        parameters = function.definition.parameters or ()
        if len(parameters) != len(arguments):
            signature = f"{name}({', '.join(parameters)})"
            raise self.arity(signature, len(parameters), len(arguments), instruction)
        if variable is None and operands in function.known:
            return self.raised(function.known[operands], power, instruction)
        given = operands
        if function.differentiates and variable is None:
            given = tuple([self.graph.fresh_variable(parameter) for parameter in parameters])

        def remember(result: Node) -> Node:
            if given is not operands:
                result = substitute(result, dict(zip(given, operands, strict=True)), exactly=True)
            if variable is None:
                function.known[operands] = result
            return finish(result)

        self.calls += 1
        if self.calls > limits.CALLS:
            bound = limits.refusal("CALLS", f"the definitions lead to more than {limits.CALLS:,} calls")
            raise self.refuse(bound.message, instruction, bound.kind, bound.hint)
        names = function.names | dict(zip(parameters, given, strict=True))
        return _Frame(iter(function.definition.body), names, function.functions, remember, [])

    def base(self, name: str, arguments: Sequence[Node], instruction: StackInstruction, frame: _Frame) -> Node | None:
        """Return the base of ``log(x, b)``, ``log_b(x)`` or ``log₂(x)``; None if the call is none of these."""
        index = re.fullmatch(_LOGARITHM_TO_BASE, name)
        if name == _LOGARITHM and len(arguments) == 2:
            if arguments[1].constant is None and _constant_of(arguments[0]) is not None:
                value, base = (self.source.text[slice(*self.spans[one][-1])] for one in arguments)
                message = f"`log({value}, {base})` is read as the logarithm of {value} to the base {base}"
                self.note("base", message, instruction, f"for the base {value}, write `log({base}, {value})`")
            return arguments[1]
        if index is None or len(arguments) != 1 or REGISTRY.find(name) is not None:
            return None
        word = (index[1] or index[2]).translate(SUBSCRIPTS)
        if word.isdecimal():
            return self.graph.constant(float(word))
        if word not in frame.names:
            frame.names[word] = self.variable(word, instruction.start, instruction.end)
        return frame.names[word]

    def logarithm(self, operand: Node, base: Node, instruction: StackInstruction) -> Node:
        known = REGISTRY.find(f"{_LOGARITHM}{base.constant:g}") if base.constant is not None else None
        if known is not None:
            return self.operation(known, (operand,), instruction)
        logarithms = tuple([self.operation(REGISTRY[_LOGARITHM], (one,), instruction) for one in (operand, base)])
        return self.operation(REGISTRY.binary["/"], logarithms, instruction)

    def inverse(self, match: re.Match[str], name: str, instruction: StackInstruction) -> Primitive:
        """Return the inverse function that ``sin^-1(x)`` means."""
        inverse = REGISTRY.find(f"arc{name}")
        text = self.source.text[instruction.start : instruction.end]
        reciprocal = f"1/{match['name']}{text[len(match[0]) :].lstrip()}"
        if inverse is None:
            hint = f"write `{reciprocal}`, or the name of the inverse function"
            raise self.refuse(f"`{text}` can be read in two ways", instruction, "ambiguous", hint)
        message = f"`{text}` is read as the inverse function, `{inverse.name}`"
        self.note("inverse", message, instruction, f"for one over the value, write `{reciprocal}`")
        return inverse

    def note(self, kind: str, message: str, instruction: StackInstruction, hint: str) -> None:
        self.notes.append(Note(kind, message, Span(instruction.start, instruction.end), hint))

    def raised(self, result: Node, power: float | None, instruction: StackInstruction) -> Node:
        """Return a power of a result, since sin^2(x) means sin(x)^2."""
        if power is None:
            return result
        return self.operation(REGISTRY.binary["^"], (result, self.graph.constant(power)), instruction)

    def derivative(self, instruction: StackInstruction, arguments: tuple[Node, ...]) -> Node:
        """Return the derivative that ``diff(EXPR, x)`` or ``diff(EXPR, x, n)`` means."""
        if len(arguments) not in (2, 3):
            raise self.arity("diff(EXPR, x, n)", "2 or 3", len(arguments), instruction)
        target = arguments[1]
        if not target.is_variable:
            message = "the second argument of `diff` is the variable to differentiate by"
            raise self.refuse(message, instruction, "diff", "for example `diff(x^2, x)`")
        order = arguments[2].constant if len(arguments) == 3 else 1.0
        if order is None or order < 0.0 or order != order // 1.0:
            message = "the third argument of `diff` is the order, a natural number"
            raise self.refuse(message, instruction, "diff", "for example `diff(x^3, x, 2)`")
        self.refuse_arrays(arguments[0], instruction)
        return self.located(self.differentiated(arguments[0], target, int(order), instruction), instruction)

    def differentiated(self, root: Node, target: Node, order: int, instruction: StackInstruction) -> Node:
        """Return the derivative of a node; an order that is too high is an error at the place of the instruction."""
        try:
            return differentiate.derivative(root, target, order)
        except LimitError as error:
            raise self.refuse(error.message, instruction, error.kind, error.hint) from None

    # Errors

    def refuse_arrays(self, root: Node, instruction: StackInstruction) -> None:
        """Raise an error if the function to differentiate works on arrays."""
        found = array_node(root) if self.has_arrays else None
        if found is not None:
            message = f"`{operation_name(found)}` works on arrays, and a derivative inside an expression takes numbers"
            raise self.refuse(message, instruction, "array", "gradcli grad differentiates functions of arrays")

    def check_arity(self, primitive: Primitive, operands: tuple[Node, ...], instruction: StackInstruction) -> None:
        if not primitive.takes(len(operands)):
            expected = f"{primitive.arity} or more" if primitive.variadic else primitive.arity
            raise self.arity(primitive.signature, expected, len(operands), instruction)
        for name, operand in zip(primitive.static, operands, strict=False):
            if operand.constant is None:
                hint = "it can't depend on a variable, because there is no derivative with respect to it"
                message = f"the argument `{name}` of `{primitive.signature}` must be a number"
                raise self.refuse(message, instruction, "static", hint)

    def arity(self, signature: str, expected: int | str, got: int, instruction: StackInstruction) -> ExpressionError:
        arguments = "argument" if expected == 1 else "arguments"
        return self.refuse(f"`{signature}` takes {expected} {arguments}, not {got}", instruction, "arity", None)

    def unknown_function(self, match: re.Match[str], instruction: StackInstruction) -> ExpressionError:
        name, definition = match["name"], self.definition
        span = Span(instruction.start, instruction.start + len(name))

        def error(message: str, kind: str = "unknown_function", hint: str | None = None) -> ExpressionError:
            return ExpressionError(message, kind=kind, span=span, hint=hint)

        if definition is not None and definition.name == name:
            return error(f"the definition of `{name}` uses `{name}` itself", hint="a function can't call itself")
        parameters = definition.parameters or () if definition is not None else ()
        is_variable = any(name in words for words in (self.variables, self.given, CONSTANTS, self.names, parameters))
        product = self.product_called(name)
        hint = None if is_variable or product or not self.explains else self.meant_function(match, instruction)
        if hint is not None:
            return error(f"unknown function `{name}`", hint=hint)
        if name in ("nan", "inf") and not match["primes"]:
            return error(f"`{name}` is a number and not a function", "not_a_function", f"write `{name}` alone")
        inside = self.source.text[instruction.start + len(match[0]) : instruction.end].lstrip()
        if product:
            message = f"`{name}` is not a function, so `{match[0]}{inside}` can be read in two ways"
            other = f"or define the function: `{name}(t) = ...;`"
            text = product + match[0].removeprefix(name)
            return error(message, "not_a_function", f"write `{text}*{inside}` for a product, {other}")
        if not (is_variable or len(name) == 1) or match["primes"] or instruction.operands == 0:
            return error(f"unknown function `{name}`", hint="`gradcli functions` lists them all")
        message = f"`{name}` is not a function, so `{match[0]}{inside}` can be read in two ways"
        other = f"or define the function: `{name}(t) = ...;`"
        if (match["raised"] or "").startswith("^"):
            other = f"or `{name}^({match['raised'].lstrip('^')}*{inside})`"
        if instruction.operands > 1:
            listed = ", ".join(f"t{number}" for number in range(1, instruction.operands + 1))
            hint = f"define the function: `{name}({listed}) = ...;`"
            return error(f"`{name}` is not a function", "not_a_function", hint)
        return error(message, "not_a_function", f"write `{match[0]}*{inside}` for a product, {other}")

    def meant_function(self, match: re.Match[str], instruction: StackInstruction) -> str | None:
        """Return the hint for a function that has another name here, or whose name is misspelt."""
        from gradcli.language.aliases import alias_hint

        text, name = self.source.text, match["name"]
        start, end = instruction.start, instruction.end
        is_all = not (text[:start].strip() or text[end:].strip())

        def is_readable(formula: str) -> bool:
            return _is_readable(
                Source(text[:start] + formula + text[end:]), self.given, Span(start, start + len(formula))
            )

        if match[0] == name:
            arguments = split_arguments(text[text.index("(", start) + 1 : end - 1])
            hint = alias_hint(name, arguments, lambda formula: is_readable(f"({formula})"), in_parentheses=not is_all)
            if hint is not None:
                return hint
        guess = did_you_mean(name, [*REGISTRY.words(), *REGISTRY.offered, "diff", *self.functions])
        if guess is None or not is_readable(guess + text[start + len(name) : end]):
            return None
        return f"did you mean `{guess}`?"

    def product_called(self, name: str) -> str | None:
        """Return the product that ``πr`` in ``πr(r + h)`` means, unless the name is rather a mistyped function."""
        if name.isascii() and name.isalpha():
            return None
        from gradcli.language.readings import meaning_of_name

        return meaning_of_name(name, self.variables)

    def refuse(self, message: str, instruction: StackInstruction, kind: str, hint: str | None) -> ExpressionError:
        return ExpressionError(message, kind=kind, span=Span(instruction.start, instruction.end), hint=hint)


def _is_readable(source: Source, variables: Collection[str], part: Span) -> bool:
    """Whether a part of a text can be read; the rest of the text may be wrong."""
    try:
        script: Script = _parser().parse(source.text, InstructionWriter(source.text))
        _Builder(source, variables, explains=False).build(script)
    except Unexpected as error:
        return not part.start <= error.token.start <= part.end
    except ExpressionError as error:
        return error.span is None or not (part.start <= error.span.start and error.span.end <= part.end)
    return True


def _constant_of(root: Node) -> Any:
    """Return the value of a formula without variables, a number or a tuple of numbers; else None."""
    if root.constant is not None:
        return root.constant
    values: dict[Node, Any] = {}
    for node in toposort([root]):
        operands = [values[operand] for operand in node.operands]
        if node.primitive is None:
            values[node] = node.constant
        elif any(operand is None for operand in operands):
            return None
        elif isinstance(node.primitive, ArrayFunction):
            if node.primitive.name != "stack" or node.options:
                return None
            values[node] = tuple(operands)
        elif any(isinstance(operand, tuple) for operand in operands):
            return None
        else:
            values[node] = node.primitive.value(*operands)
    return values[root]


def _option_of(value: Any) -> Any:
    """Return the value of an option, with whole numbers as integers."""
    if isinstance(value, tuple):
        return tuple([_option_of(one) for one in value])
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _signature(function: ArrayFunction) -> str:
    words = [*function.operands, *(["..."] if function.variadic else []), *function.options]
    return f"{function.name}({', '.join(words)})"


def _function_name(word: str) -> str | None:
    """Return the name of the function that a word calls, in capitals too; None if there is none.

    A logarithm may have its base in its name.
    """
    names = [word] if len(word) == 1 or word not in (word.upper(), word.capitalize()) else [word, word.lower()]
    for name in names:
        is_logarithm = re.fullmatch(_LOGARITHM_TO_BASE, name)
        if name == "diff" or REGISTRY.find(name) is not None or name in REGISTRY.offered or is_logarithm:
            return name
    return None


def _looks_variable(node: Node, constant: str) -> bool:
    """Whether an operation treats a constant as variables are treated: e*x and e^2, but not e^x; 1 - pi and pi^y."""
    if not any(operand.name == constant for operand in node.operands):
        return False
    name = node.primitive.name if node.primitive is not None else ""
    first, *others = node.operands
    is_base = name == "pow" and first.name == constant and others[0].constant is None
    if constant == "e":
        return not is_base
    return constant == "pi" and (is_base or (name == "sub" and first.constant == 1.0))


@lru_cache(maxsize=1)
def _parser() -> Parser:
    return Parser(load_table())


def read(text: str, *, variables: Collection[str] = (), name: str = "expression") -> ParsedExpression:
    """Return the graph of a text.

    Args:
        text: the expression, which may follow definitions.
        variables: names that are variables although a constant (pi, e, ...) has the same name.
        name: the name of the text in error messages.

    Raises:
        ExpressionError: the text isn't a valid expression; the error holds the place and a hint.

    >>> read("r = sqrt(x^2 + y^2); r*sin(2r)").variables
    ('x', 'y')
    """
    source = Source(text, name)
    if len(text) > limits.EXPRESSION_LENGTH:
        message = f"an expression has at most {limits.EXPRESSION_LENGTH:,} characters, not {len(text):,}"
        raise limits.refusal("EXPRESSION_LENGTH", message)
    try:
        with paused_collector():
            script: Script = _parser().parse(text, InstructionWriter(text))
            return _Builder(source, variables).build(script)
    except Unexpected as error:
        from gradcli.language.problems import syntax_error

        raise syntax_error(error, source, _likely_reading(text, variables)) from None
    except ExpressionError as error:
        error.source = source
        raise


def _likely_reading(text: str, variables: Collection[str]) -> str | None:
    """Return what a short text was most likely meant as, if that is an expression; else None."""
    if len(text) > _LONGEST_READING or "\n" in text:
        return None
    from gradcli.language.readings import likely_text

    reading = likely_text(text)
    return reading if _is_readable(Source(reading), variables, Span(0, len(reading))) else None
