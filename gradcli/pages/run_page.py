"""The page of a run: its summary, its course with a slider, and the net itself, which computes in the page."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from gradcli import limits
from gradcli.draw.film import words_at
from gradcli.draw.palette import SERIES
from gradcli.export.program_text import Net
from gradcli.markup import escaped
from gradcli.pages.net_script import NetScript
from gradcli.pages.plot_frame import Frame
from gradcli.pages.run_figures import agreement, confusion_table, loss_figure, plane, shown_rows
from gradcli.pages.skeleton import Page, document, section
from gradcli.pages.sliders import Slider
from gradcli.source import counted

if TYPE_CHECKING:
    from gradcli.array_types import Array
    from gradcli.pages.run_figures import ShownRows
    from gradcli.pages.run_stills import Stills
    from gradcli.train.model.model import Model
    from gradcli.train.run import Run

__all__ = ["run_page"]

#: The steps of a slider.
_STEPS: Final = 500
#: A net with more units has no pictures of what its units do.
_PICTURED_UNITS: Final = 80
_COURSE: Final = "The loss while it learns"
#: The measures of the summary, with their names.
_MEASURES: Final = {
    "loss": "loss", "accuracy": "accuracy", "f1": "F1", "auc": "AUC", "rmse": "RMSE", "mae": "MAE", "r2": "R²",
}  # fmt: skip


def run_page(stills: Stills, result: Mapping[str, Any], sentences: Sequence[str] = ()) -> bytes:
    """Return the page of a run.

    Args:
        stills: the recording of the run, after `Stills.finish`.
        result: the result of the run: its `report`, and its ``command``.
        sentences: notes on the run.
    """
    summary = section("summary", "The run", _summary(stills.run, result, sentences))
    if stills.script is None:
        return _without_net(stills, result, summary, stills.reason)
    page = _with_net(stills, result, summary, stills.script)
    if len(page) <= limits.PAGE_BYTES:
        return page
    reason = f"with it the page would have {len(page):,} bytes, and {limits.PAGE_BYTES:,} is the most"
    return _without_net(stills, result, summary, reason)


def _with_net(stills: Stills, result: Mapping[str, Any], summary: str, script: NetScript) -> bytes:
    """Return the page with the net."""
    run, rows, loss = stills.run, shown_rows(stills.run), loss_figure(stills.run)
    frame = plane(run)
    data = _course_data(stills, loss.frame) | _net_data(run, script, frame, rows)
    data["stills"] = [_encoded(still.parameters) for still in stills.moments]
    parts = [summary, section("course", _COURSE, _course(loss.html))]
    if frame is not None:
        data["frame"] = frame._asdict()
        parts.append(section("picture", _picture_heading(run), rows.figure(run, frame)))
    parts += [
        section("values", "A point" if frame is not None else "A row", _point(run.model)),
        section("net", "The net at this point" if frame is not None else "The net at this row", _NET),
        section("rows", "The rows", _table(run, rows)),
        _mistakes(run, result, rows),
    ]
    assets = ("sliders", "plot", "net", "run")
    return _page(run, parts, "" if frame is not None else " flat", assets, data, script.code)


def _without_net(stills: Stills, result: Mapping[str, Any], summary: str, reason: str) -> bytes:
    """Return the page without the net, and with the reason for this."""
    run, loss = stills.run, loss_figure(stills.run)
    course = f"{_course(loss.html)}\n<p>{escaped(f'The net itself is not in this page: {reason}.')}</p>"
    parts = [summary, section("course", _COURSE, course), _mistakes(run, result, shown_rows(run))]
    data = _course_data(stills, loss.frame) | {"variables": []}
    return _page(run, parts, " bare", ("sliders", "plot", "run"), data, "null")


def _page(
    run: Run, parts: Sequence[str], kind: str, assets: tuple[str, ...], data: Mapping[str, Any], net: str
) -> bytes:
    main = f'<div class="columns run{kind}">\n{"".join(parts)}</div>\n'
    return document(Page(f"{run.rows.name}: net {run.model.outline}", main, assets, data, f"const net = {net};"))


# The summary and the course


def _summary(run: Run, result: Mapping[str, Any], sentences: Sequence[str]) -> str:
    """Return the settings, the measures, the notes and the command, as HTML."""
    model, settings = run.model, run.settings
    parts = {"training": len(run.training), "validation": len(run.validation), "test": len(run.test)}
    counts = ", ".join(f"{count} for {name}" for name, count in parts.items() if count)
    batch = settings.batch_of(len(run.training))
    how = ["all rows at once"]
    if not settings.takes_all:
        schedule = "" if settings.schedule == "constant" else f", schedule {settings.schedule}"
        how = [f"learning rate {settings.learning_rate:g}{schedule}", f"{counted(batch, 'row')} an update"]
    facts = {
        "data": f"{run.rows.name}: {sum(parts.values())} rows, {counts}",
        "predicts": f"{model.target}, {_kind(model)}",
        "net": f"{model.outline} ({model.functions}), {counted(model.count, 'parameter')}",
        "optimiser": ", ".join([settings.optimizer, *how]),
        "epochs": f"{result['epochs']} of {settings.epochs}, {counted(len(run.state.history), 'update')}; "
        f"seed {settings.seed}",
    }
    listed = "".join(f"<dt>{name}</dt><dd>{escaped(text)}</dd>" for name, text in facts.items())
    notes = "".join(f"<li>{escaped(text)}</li>" for text in [*run.rows.notes, *sentences, *result.get("notes", ())])
    noted = f'<ul class="notes">{notes}</ul>\n' if notes else ""
    command = f"<p>This command repeats the run:</p>\n<pre><code>{escaped(result['command'])}</code></pre>"
    return f'<dl class="facts">{listed}</dl>\n{_measures(run, result)}\n{noted}{command}'


def _kind(model: Model) -> str:
    return "a number" if model.labels is None else f"one of {len(model.labels)} classes"


def _measures(run: Run, result: Mapping[str, Any]) -> str:
    """Return the table of measures, with a column for each part of the rows."""
    columns = {
        "training": {**result, "loss": run.epoch_loss(max(0, run.epochs_done - 1))} if run.state.history else result
    }
    columns |= {name: result[name] for name in ("validation", "test") if result[name]}
    heads = "".join(f'<th scope="col">{name}</th>' for name in columns)
    rows = []
    for name, word in _MEASURES.items():
        if any(one.get(name) is not None for one in columns.values()):
            cells = "".join(f"<td>{_measure(name, one.get(name))}</td>" for one in columns.values())
            rows.append(f'<tr><th scope="row">{word}</th>{cells}</tr>')
    body = "\n".join(rows)
    return f'<div class="scroller"><table class="measures">\n<tr><td></td>{heads}</tr>\n{body}\n</table></div>'


def _measure(name: str, value: float | None) -> str:
    if value is None:
        return ""
    return f"{100 * value:.1f} %" if name == "accuracy" else f"{value:.4g}"


def _course(figure: str) -> str:
    return (
        '<div class="course">\n<button type="button" id="play">Play</button>\n'
        '<label for="still" class="unseen">moment of the run</label>\n'
        '<input type="range" id="still" min="0" step="1">\n'
        f'</div>\n<p id="moment" aria-live="polite"></p>\n{figure}'
    )


def _course_data(stills: Stills, frame: Frame) -> dict[str, Any]:
    """Return what the scripts of the page know about the course of the run."""
    run = stills.run
    moments = [
        {"epoch": still.update / run.updates_per_epoch, "words": ", ".join(words_at(run, still.update))}
        for still in stills.moments
    ]
    return {"moments": moments, "losses": frame._asdict()}


# The net


def _encoded(parameters: Array) -> str:
    """Return parameters as text: the bytes of floats, the least significant first, in base 64."""
    return b64encode(parameters.astype("<f8").tobytes()).decode()


def _net_data(run: Run, script: NetScript, frame: Frame | None, rows: ShownRows) -> dict[str, Any]:
    """Return what the scripts of the page know about the net and the rows."""
    model = run.model
    outputs = _outputs(model, script.units[-1])
    inputs = list(model.features or model.columns)
    is_pictured = frame is not None and len(model.columns) == 2 and sum(script.units[1:]) <= _PICTURED_UNITS
    targets = run.rows.targets
    return {
        "variables": [one._asdict() for one in _sliders(run, frame, rows)],
        "columns": _columns(model),
        "net": {
            "units": script.units,
            "weights": script.weights,
            "inputs": inputs,
            "seen": "inputs, standardised" if Net(model, {}).standardised else "inputs",
            "outputs": outputs,
            "pictured": is_pictured,
        },
        "predictions": _predictions(model, script.predictions),
        "labels": model.labels,
        "target": model.target,
        "low": float(targets.min()),
        "high": float(targets.max()),
        # The rows are pictures of one channel.
        "image": run.rows.image if run.rows.image is not None and run.rows.image[0] == 1 else None,
        "isLikely": model.loss_function.probabilities is not None,
        "series": SERIES,
        "rows": rows.data(),
        "start": rows.start,
    }


def _outputs(model: Model, count: int) -> list[str]:
    """Return the names of the units of the last layer."""
    if model.labels is not None:
        return list(model.labels) if count > 1 else ["score"]
    is_plain = model.target_mean == 0.0 and model.target_scale == 1.0
    return [model.target if is_plain else f"{model.target}, standardised"]


def _predictions(model: Model, count: int) -> list[str]:
    """Return the names of the predictions."""
    if model.labels is None:
        return [model.target]
    return list(model.labels) if count > 1 else ["score"]


def _columns(model: Model) -> list[dict[str, Any]]:
    """Return the columns of the table: the place of the first input of each, and its categories if it has some."""
    found, first = [], 0
    for one in model.table_encoding.inputs:
        found.append({"name": one.name, "first": first, "categories": one.categories})
        first += len(one.names)
    return found


def _sliders(run: Run, frame: Frame | None, rows: ShownRows) -> list[Slider]:
    """Return a slider for each input of the table; the range is the one of the picture or of the rows."""
    import numpy as np

    inputs = np.concatenate([part.inputs for part in (run.training, run.validation, run.test) if len(part)])
    found = []
    for place, name in enumerate(run.model.columns):
        values = inputs[:, place]
        low, high = float(values.min()), float(values.max())
        if frame is not None:
            low, high = (frame.low, frame.high) if place == 0 else (frame.bottom, frame.top)
        elif low == high:
            low, high = low - 1.0, high + 1.0
        is_whole = frame is None and bool((values == np.floor(values)).all())
        step = 1.0 if is_whole else (high - low) / _STEPS
        found.append(Slider(name, float(rows.inputs[rows.start, place]), low, high, step))
    return found


def _picture_heading(run: Run) -> str:
    if len(run.model.columns) == 1:
        return "The curve of the net, and the data"
    return "The plane of the two inputs, and the data"


def _point(model: Model) -> str:
    """Return the prediction, the target, and the sliders with the derivatives."""
    if model.labels is None:
        target = '<input type="text" id="target" inputmode="decimal" autocomplete="off">'
    else:
        options = "".join(f'<option value="{place}">{escaped(one)}</option>' for place, one in enumerate(model.labels))
        target = f'<select id="target">{options}</select>'
    return (
        '<p class="result" aria-live="polite">predicts <output id="predicted"></output></p>\n'
        '<dl class="numbers scroller" id="predictions"></dl>\n'
        f'<div class="fields"><label for="target">target</label>{target}\n'
        '<span>loss</span><output id="loss"></output>\n'
        '<label for="quantity">derivative of</label><select id="quantity"></select></div>\n'
        '<div class="images" id="images" hidden></div>\n<div class="sliders" id="sliders"></div>'
    )


_NET: Final = (
    '<p class="key"><svg viewBox="0 0 40 8" aria-hidden="true"><path class="edge plus" d="M0 4H40"/></svg>'
    'positive weight <svg viewBox="0 0 40 8" aria-hidden="true"><path class="edge minus" d="M0 4H40"/></svg>'
    'negative weight; the wider, the larger</p>\n<div class="scroller" id="drawing"></div>\n'
    '<details id="units"><summary>All activations in a table</summary>\n'
    '<div class="scroller"><table></table></div></details>'
)


def _table(run: Run, rows: ShownRows) -> str:
    count = sum(map(len, (run.training, run.validation, run.test)))
    which = "all rows" if len(rows) == count else f"{len(rows):,} of {count:,} rows, evenly spread"
    return (
        f"<p>These are {which}. The button of a row shows it in the net.</p>\n"
        '<div class="scroller tall"><table id="table"></table></div>'
    )


def _mistakes(run: Run, result: Mapping[str, Any], rows: ShownRows) -> str:
    """Return the confusion matrix, or the predictions against the targets, at the end of the run."""
    if run.model.labels is None:
        return section("mistakes", "Predictions and targets", agreement(run, rows))
    where = "validation" if result["validation"] else "training"
    measures = result["validation"] or result
    heading = f"Classes and predictions, {where} rows"
    return section("mistakes", heading, confusion_table(run.model.labels, measures["confusion"], run.model.target))
