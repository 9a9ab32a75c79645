"""The pages of the reference, written from the program: its help, its functions, and the JSON Schemas of `--json`."""

from __future__ import annotations

import inspect
import io
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from textwrap import wrap
from typing import Any

from gradcli.cli.app import run
from gradcli.cli.catalogue import COMMANDS, load
from gradcli.cli.context import Terminal
from gradcli.cli.showing.help import command_help
from gradcli.errors import ExitCode

FOLDER = Path(__file__).resolve().parent
SCHEMAS = FOLDER / "schemas"
MADE = "<!-- made by docs/refresh.py -->"
_SPECIAL = re.compile(r"([\\*_|\[\]])")
#: The pages that say more than the reference of a command.
GUIDES = {
    "eval": ["language", "arrays"],
    "grad": ["reverse_mode", "edge_points", "arrays"],
    "diff": ["steps", "derivatives"],
    "taylor": ["derivatives"],
    "plot": ["plot", "pages"],
    "draw": ["drawings", "pages"],
    "check": ["answers"],
    "map": ["map", "data"],
    "repl": ["repl"],
    "train": ["training", "data"],
    "predict": ["training", "data"],
    "export": ["export"],
    "quiz": ["answers"],
    "functions": ["functions"],
}


def pages() -> dict[str, str]:
    """Return every page of the reference by its path in the folder of the documentation."""
    names = [name for group in COMMANDS.values() for name in group]
    return {
        "commands/index.md": overview_page(),
        **{f"commands/{name}.md": command_page(name) for name in names},
        "functions.md": functions_page(),
        "classes.md": classes_page(),
    }


def overview_page() -> str:
    """Return the page that lists the commands."""
    lines = ["# Commands", MADE, "", "What `gradcli help COMMAND` shows, and the keys of `--json`.", ""]
    for group, names in COMMANDS.items():
        rows = [(f"[{name}]({name}.md)", plain(command_help(name, load(name)).summary)) for name in names]
        lines += [f"## {group}", "", *table(("command", "what it does"), rows), ""]
    lines += ["## Exit codes", ""]
    lines += table(("code", "meaning"), [(str(int(code)), plain(code.meaning)) for code in ExitCode])
    return "\n".join(lines) + "\n"


def command_page(name: str) -> str:
    """Return the page of a command: its help, and what it prints with `--json`."""
    found = command_help(name, load(name))
    lines = [f"# gradcli {name}", MADE, "", *paragraph(f"{found.summary[:1].upper()}{found.summary[1:]}."), ""]
    links = [f"[{title_of(page)}](../{page}.md)" for page in GUIDES[name]]
    lines += [*wrap(f"More: {', '.join(links)}.", 120, break_long_words=False), ""]
    lines += ["## Examples", "", "```sh"]
    lines += [line for command, purpose in found.examples for line in (f"# {purpose}", command)]
    lines += ["```", "", "## Usage", "", "```text", found.usage, "```", ""]
    if found.arguments:
        lines += [*table(("word", "meaning"), [(code(word), plain(meaning)) for word, meaning in found.arguments]), ""]
    for text in found.paragraphs:
        lines += [*paragraph(text), ""]
    lines += ["## Options", ""]
    lines += [*table(("option", "meaning"), [(code(word), plain(meaning)) for word, meaning in found.options]), ""]
    return "\n".join([*lines, *schema_section(name)]) + "\n"


def schema_section(name: str) -> list[str]:
    """Return the section on the object of `--json`."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    lines = ["## With --json", "", *wrap(f"{schema['description']} [JSON Schema](../schemas/{name}.json)", 120)]
    for form in schema.get("anyOf", [schema]):
        form = resolved(form, schema)
        lines += ["", *wrap(form["description"], 120)] if "anyOf" in schema else []
        lines += ["", *table(("key", "type", "meaning"), rows_of(form, schema, ""))]
    return lines


def rows_of(form: Mapping[str, Any], schema: Mapping[str, Any], prefix: str) -> Iterable[tuple[str, str, str]]:
    """Yield a row for each key of an object, and below it those of the objects inside."""
    for key, part in form.get("properties", {}).items():
        inside = resolved(part, schema)
        mark = "" if key in form.get("required", ()) else "?"
        about = part.get("description") or inside["description"]
        if key == "notes" and not prefix and "$ref" in part:
            yield f"{code(key)}{mark}", "list of [notes](../json.md#notes)", about
            continue
        yield f"{code(prefix + key)}{mark}", type_of(part, schema), about
        path = f"{prefix}{key}"
        while "items" in inside:
            inside, path = resolved(inside["items"], schema), f"{path}[]"
        forms = [resolved(one, schema) for one in inside.get("anyOf", [inside])]
        below = [row for one in forms for row in rows_of(one, schema, f"{path}.")]
        # Of a key of several forms, the first one is described.
        yield from {row[0]: row for row in [*below, *reversed(below)]}.values()


def resolved(part: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a part of a schema with what it refers to."""
    return schema["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part


def type_of(part: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """Return the type of a key in a few words."""
    if "$ref" in part:
        name = part["$ref"].rpartition("/")[2]
        return {"number": "number", "value": "number or array"}.get(name) or type_of(resolved(part, schema), schema)
    if "enum" in part or "const" in part:
        return " or ".join(code(json.dumps(one)) for one in part.get("enum", [part.get("const")]))
    if "anyOf" in part:
        if part["anyOf"] == schema.get("$defs", {}).get("number", {}).get("anyOf"):
            return "number"
        return " or ".join(dict.fromkeys(type_of(one, schema) for one in part["anyOf"]))
    kind = part["type"]
    if isinstance(kind, list):
        return " or ".join(kind)
    if kind == "array":
        return f"list of {type_of(part['items'], schema)}"
    if kind == "object" and isinstance(part.get("additionalProperties"), dict) and "properties" not in part:
        return f"object: name to {type_of(part['additionalProperties'], schema)}"
    return str(kind)


def functions_page() -> str:
    """Return the page of all functions of the language, from what `gradcli functions` prints."""
    screen = io.StringIO()
    run(["functions", "--json"], Terminal(io.StringIO(), screen, io.StringIO(), environment={}))
    documents = json.loads(screen.getvalue())["functions"]
    groups: dict[str, list[Any]] = {}
    for one in documents:
        groups.setdefault(one["group"], []).append(one)
    lines = ["# Functions", MADE, ""]
    lines += ["What `gradcli functions` lists. `gradcli functions NAME` shows one of them with its example and what it"]
    lines += ["returns at its edge points ([edge_points.md](edge_points.md)).", ""]
    for group, members in groups.items():
        rows = []
        for one in members:
            names = ", ".join(code(name) for name in one["spellings"])
            meaning = plain(one["about"]) + (f" Also written {names}." if names else "")
            slopes = "<br>".join(f"d/d{plain(name)}: {code(text)}" for name, text in one["derivative"].items())
            called = code(one["signature"]) + (f"<br>{code(one['operator'])}" if one["operator"] else "")
            rows.append((called, meaning, slopes, plain(one["domain"])))
        lines += [f"## {group[:1].upper()}{group[1:]}", ""]
        lines += [*table(("function", "meaning", "derivative", "domain"), rows), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def classes_page() -> str:
    """Return the page of the classes that the library makes of its tables."""
    from gradcli import nn, optim

    tables = (optim.OPTIMIZERS, optim.FURTHER_OPTIMIZERS)
    optimizers, further = [[getattr(optim, one.title) for one in table.values() if one.title] for table in tables]
    lines = ["# Activations, losses, optimisers", MADE, ""]
    lines += ["The classes that `gradcli.nn` and `gradcli.optim` make of their tables. All others are in"]
    lines += ["[library.md](library.md). `help(nn.GELU)` in Python shows the arguments of one of them.", ""]
    for title, entries, classes in (
        ("Activations", "nn.ACTIVATIONS", nn.ACTIVATIONS.values()),
        ("Losses", "nn.LOSSES", nn.LOSSES.values()),
        ("Losses of pairs, several labels and sequences", "nn.PAIR_LOSSES", nn.PAIR_LOSSES.values()),
        ("Lazy layers", "nn.LAZY", nn.LAZY.values()),
        ("Optimisers", "optim.OPTIMIZERS", optimizers),
        ("Further optimisers", "optim.FURTHER_OPTIMIZERS", further),
    ):
        rows = [(code(called(one)), plain(first_sentence(one))) for one in classes]
        lines += [f"## {title}", "", f"The table is `gradcli.{entries}`.", "", *table(("class", "meaning"), rows), ""]
    rows = [(code(name), plain(one.about)) for name, one in nn.INITIALIZERS.items()]
    lines += ["## Initialisers", "", "The table is `gradcli.nn.INITIALIZERS`. The schedules of `gradcli train` are in"]
    lines += ["`gradcli.optim.SCHEDULES`.", ""]
    return "\n".join([*lines, *table(("name", "meaning"), rows)]) + "\n"


def called(one: type) -> str:
    """Return a class as it is called, without the types of its arguments."""
    parameters = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in inspect.signature(one).parameters.values()
    ]
    return f"{one.__name__}{inspect.Signature(parameters)}"


def first_sentence(one: type) -> str:
    """Return the first paragraph of a docstring on one line."""
    return " ".join((inspect.getdoc(one) or "").partition("\n\n")[0].split())


def title_of(page: str) -> str:
    """Return the heading of a page."""
    if page == "functions":
        return "Functions"  # made by this file
    return (FOLDER / f"{page}.md").read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


def table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Return a table of Markdown."""
    return [f"| {' | '.join(row)} |" for row in (headings, ("---",) * len(headings), *rows)]


def paragraph(text: str) -> list[str]:
    """Return plain text as lines of Markdown."""
    return wrap(plain(text), 120, break_on_hyphens=False)


def plain(text: str) -> str:
    """Return plain text as Markdown, in which some characters mean something; code between backticks stays as it is."""
    parts = re.split(r"(`[^`]+`)", text)
    return "".join(part if part[:1] == "`" else _SPECIAL.sub(r"\\\1", part.replace("<", "&lt;")) for part in parts)


def code(text: str) -> str:
    """Return text as code in a cell of a table."""
    ticks = "``" if "`" in text else "`"
    return f"{ticks}{text}{ticks}".replace("|", "\\|")
