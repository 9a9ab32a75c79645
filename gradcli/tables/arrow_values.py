"""The values of an array of Arrow as texts and as JSON, for written tables, for categories and for messages.

Only code that has an array of Arrow calls these functions, so pyarrow is there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "as_json", "decoded", "holds_any", "infinities", "joined_texts", "literals_of", "scalar_of", "strings_of",
    "texts_of", "truths_of",
]  # fmt: skip

#: The function that returns a value as JSON; a value that JSON lacks becomes a text.
as_json = json.JSONEncoder(ensure_ascii=False, default=str).encode
#: The unit of a duration -> how many decimal places it has in seconds.
PLACES = {"s": 0, "ms": 3, "us": 6, "ns": 9}
# A zone that is an offset from UTC.
OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)\Z", re.ASCII)
# The characters that have an escape in a text of JSON.
ESCAPED = "".join(map(chr, range(32))) + '"\\'


def strings_of(texts: Sequence[str | None]) -> Any:
    """Return texts as an array of Arrow. Arrow's own function would import pandas, if that is installed.

    >>> strings_of(["a", None, "bc"]).to_pylist()
    ['a', None, 'bc']
    """
    import numpy as np
    import pyarrow as arrow

    encoded = [(text or "").encode() for text in texts]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    known = np.packbits(np.array([text is not None for text in texts], dtype=bool), bitorder="little")
    buffers = [arrow.py_buffer(part) for part in (known, ends, b"".join(encoded))]
    return arrow.Array.from_buffers(arrow.large_string(), len(texts), buffers).cast(arrow.string())


def truths_of(values: NDArray[np.bool_]) -> Any:
    """Return truth values as an array of Arrow. Arrow's own function would import pandas, if that is installed."""
    import numpy as np
    import pyarrow as arrow

    bits = arrow.py_buffer(np.packbits(values, bitorder="little"))
    return arrow.Array.from_buffers(arrow.bool_(), len(values), [None, bits])


def scalar_of(value: str | float | None) -> Any:
    """Return a text, a double or a missing text as a scalar of Arrow. Arrow's own function would import pandas.

    >>> scalar_of("a").as_py(), scalar_of(2.5).as_py(), scalar_of(None).as_py()
    ('a', 2.5, None)
    """
    import numpy as np
    import pyarrow as arrow

    if not isinstance(value, float):
        return strings_of([value])[0]
    return arrow.Array.from_buffers(arrow.float64(), 1, [None, arrow.py_buffer(np.array([value]))])[0]


def joined_texts(*parts: Any) -> Any:
    """Join texts row by row.

    Args:
        parts: arrays of texts, or one text for all rows; the last part is the separator between the others.
    """
    from pyarrow import compute

    return compute.binary_join_element_wise(*[scalar_of(part) if isinstance(part, str) else part for part in parts])


def holds_any(texts: Any, marks: str) -> bool:
    """Whether an array of texts has one of some ASCII characters; nulls may make the answer wrongly true.

    To search all bytes takes far less time than to match a pattern in each text.

    >>> holds_any(strings_of(["a", "b;c"])[:1], ";"), holds_any(strings_of(["a", "b;c"]), ";")
    (False, True)
    """
    import numpy as np

    ends, content = texts.buffers()[1:]
    if not len(texts) or content is None:
        return False
    start, stop = np.frombuffer(ends, np.int32, len(texts) + 1, 4 * texts.offset)[[0, -1]].tolist()
    found = content.slice(start, stop - start).to_pybytes()
    return any(mark in found for mark in marks.encode())


def decoded(array: Any) -> Any:
    """Return an array in plain form: arrays of category codes or of runs become arrays of their values.

    >>> import pyarrow
    >>> decoded(pyarrow.array(["b", "a", "b"]).dictionary_encode()).to_pylist()
    ['b', 'a', 'b']
    """
    if hasattr(array, "dictionary"):
        values = array.dictionary
        if str(values.type) == "string_view":  # Arrow can't take values of this type one by one
            array = type(array).from_arrays(array.indices, values.cast("large_string"))
        return array.dictionary_decode()
    if hasattr(array, "run_ends"):
        from pyarrow import compute

        return compute.run_end_decode(array)
    return array


def stored(array: Any) -> Any:
    """Return an array of an extension type in a plain type; truth values and identifiers (UUID) keep their meaning."""
    import pyarrow as arrow

    if not hasattr(array, "storage"):
        return array
    name = array.type.extension_name
    if name == "arrow.uuid":
        return strings_of([None if value is None else str(value) for value in array.to_pylist()])
    return array.storage.cast(arrow.bool_()) if name == "arrow.bool8" else array.storage


def texts_of(array: Any) -> Any | None:
    """Return the text of each value as an array of Arrow; None for types whose values have no text, such as bytes.

    A float is written with a point or an exponent.  A duration is written in seconds, in the form of ISO 8601.

    >>> import pyarrow
    >>> texts_of(pyarrow.array([90500, None, -1], pyarrow.duration("ms"))).to_pylist()
    ['PT90.5S', None, '-PT0.001S']
    >>> texts_of(pyarrow.array([2.0, 1e22])).to_pylist(), texts_of(pyarrow.array([b"a"]))
    (['2.0', '1e+22'], None)
    """
    from pyarrow import ArrowException, compute, types

    array = stored(array)
    kind = array.type
    if types.is_duration(kind):
        counts = array.cast("int64").to_pylist()
        return strings_of([None if count is None else duration_text(count, PLACES[kind.unit]) for count in counts])
    if "binary" in str(kind):
        return None
    offset = OFFSET.match(str(getattr(kind, "tz", "")))
    if offset:
        return texts_at_offset(array, *offset.groups())
    try:
        texts = compute.cast(array, "string")
    except ArrowException:
        return None
    if types.is_floating(kind) and may_be_whole(array):
        is_whole = compute.match_substring_regex(texts, r"^-?\d+$")
        if compute.any(is_whole).as_py():
            texts = compute.if_else(is_whole, joined_texts(texts, ".0", ""), texts)
    return texts


def texts_at_offset(array: Any, sign: str, hours: str, minutes: str) -> Any:
    """Return the texts of moments in a zone that is an offset from UTC, which old releases of Arrow can't write."""
    import pyarrow as arrow
    from pyarrow import compute

    unit = array.type.unit
    ahead = int(f"{sign}1") * (3600 * int(hours) + 60 * int(minutes)) * 10 ** PLACES[unit]
    there = compute.add(array.cast("int64"), ahead).cast(arrow.timestamp(unit))
    return joined_texts(there.cast("string"), f"{sign}{hours}{minutes}", "")


def may_be_whole(array: Any) -> bool:
    """Whether an array of floats may have a whole number; this takes far less time than to match a pattern in texts."""
    from pyarrow import compute, types

    # Old versions of Arrow can't compute with half floats.
    return types.is_float16(array.type) or compute.any(compute.equal(compute.floor(array), array)).as_py() is True


def duration_text(count: int, places: int) -> str:
    """Return a duration as ISO 8601 writes it, in seconds.

    Args:
        count: the number of units.
        places: how many decimal places a unit has in seconds.

    >>> duration_text(-93784005, 3), duration_text(0, 9)
    ('-PT93784.005S', 'PT0S')
    """
    whole, rest = divmod(abs(count), 10**places)
    fraction = f".{rest:0{places}}".rstrip("0") if rest else ""
    return f"{'-' if count < 0 else ''}PT{whole}{fraction}S"


def literals_of(array: Any) -> Any | None:
    """Return each value as JSON, as an array of Arrow; None if a part of a value, such as bytes, has no text.

    A number keeps its digits, a map becomes a list of pairs, and nan and infinity, which JSON lacks, become null.

    >>> import pyarrow
    >>> literals_of(pyarrow.array([[1.5, float("nan")], None, []])).to_pylist()
    ['[1.5, null]', 'null', '[]']
    """
    from pyarrow import compute, types

    array = stored(decoded(array))
    kind = array.type
    if types.is_union(kind):
        return None
    if kind.num_fields:
        return nested_literals(array)
    texts = texts_of(array)
    if texts is None:
        return None
    if types.is_floating(kind):
        texts = compute.if_else(compute.is_finite(array), texts, scalar_of("null"))
    elif not (types.is_integer(kind) or types.is_decimal(kind) or types.is_boolean(kind) or types.is_null(kind)):
        if holds_any(texts, ESCAPED):
            texts = strings_of([None if text is None else as_json(text) for text in texts.to_pylist()])
        else:
            texts = joined_texts('"', texts, '"', "")
    return texts.fill_null(scalar_of("null"))


def nested_literals(array: Any) -> Any | None:
    """Return lists, objects or maps as JSON; see `literals_of`."""
    parts = parts_of(array)
    columns: list[list[str]] = []
    for _, part in parts:
        literals = literals_of(part)
        if literals is None:
            return None
        columns.append(literals.to_pylist())
    is_there = array.is_valid().to_pylist()
    if hasattr(array, "field"):
        names = [as_json(name) for name, _ in parts]
        keyed = [[f"{name}: {cell}" for cell in cells] for name, cells in zip(names, columns, strict=True)]
        rows = map(", ".join, zip(*keyed, strict=True)) if keyed else [""] * len(array)
        return strings_of([f"{{{row}}}" if there else "null" for row, there in zip(rows, is_there, strict=True)])
    entries = columns[0] if len(columns) == 1 else [f"[{', '.join(pair)}]" for pair in zip(*columns, strict=True)]
    texts, place = [], 0
    for there, length in zip(is_there, lengths_of(array), strict=True):
        texts.append(f"[{', '.join(entries[place : place + length])}]" if there else "null")
        place += length
    return strings_of(texts)


def parts_of(array: Any) -> list[tuple[str, Any]]:
    """Return the arrays that nested values are made of, each with its name."""
    from pyarrow import types

    kind = array.type
    if types.is_struct(kind):
        return list(zip([field.name for field in kind], array.flatten(), strict=True))
    if types.is_union(kind):
        return []
    if types.is_map(kind):
        entries = array.cast(list_of_entries(kind)).flatten()
        return list(zip(("key", "value"), entries.flatten(), strict=True))
    return [("item", array.flatten())]


def list_of_entries(kind: Any) -> Any:
    """Return the type of a list of the entries of a map."""
    import pyarrow as arrow

    return arrow.list_(arrow.struct([arrow.field("key", kind.key_type, nullable=False), ("value", kind.item_type)]))


def lengths_of(array: Any) -> list[int]:
    """Return the length of each list or map of an array; a null has the length 0."""
    from pyarrow import compute, types

    lists = array.cast(list_of_entries(array.type)) if types.is_map(array.type) else array
    return compute.list_value_length(lists).fill_null(0).to_pylist()  # type: ignore[no-any-return]


def infinities(array: Any) -> int:
    """Count the infinite numbers of an array, including those in its lists and objects.

    >>> import pyarrow
    >>> infinities(pyarrow.array([[1.0, float("inf")], None]))
    1
    """
    from pyarrow import compute, types

    array = stored(decoded(array))
    if types.is_floating(array.type):
        return int(compute.sum(compute.is_inf(array)).as_py() or 0)
    return sum(infinities(part) for _, part in parts_of(array)) if array.type.num_fields else 0
