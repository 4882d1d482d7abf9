"""An experiment as one page to be read offline, without a script.

Table, forest plot, ledger, method and parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.core.html import Markup, join, tag
from explorer.experiment.analysis.experiment_verdict import PALETTE, style_of
from explorer.experiment.page.cards import cell_line, metric_of, result_card, value_format_of
from explorer.experiment.page.figures import FOREST_ROWS
from explorer.experiment.page.segments_table import SegmentList
from explorer.map.export.forest import ForestRow, forest_bytes

if TYPE_CHECKING:
    from explorer.experiment.analysis.cell import Cell
    from explorer.experiment.analysis.experiment import Experiment
    from explorer.experiment.page.chosen_cell import ChosenCell

__all__ = ["experiment_report", "forest_picture"]

_HEAD = (
    "Metric",
    "Arm",
    "Control",
    "Treatment",
    "Difference",
    "95 % interval",
    "FCR interval",
    "Lift",
    "Lift, 95 %",
    "p adjusted",
    "p",
    "Detectable",
    "Verdict",
)
_STYLE = """
body { font: 14px/1.45 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; color: #1b2530;
  background: #fff; margin: 28px auto; max-width: 1180px; padding: 0 20px; }
h1 { font-size: 22px; margin: 0 0 4px; }
h2 { font-size: 15px; margin: 26px 0 6px; }
p { margin: 4px 0; }
.quiet { color: #56626e; }
table { border-collapse: collapse; width: 100%; font-size: 13px;
  font-variant-numeric: tabular-nums; }
th { text-align: right; font-weight: 600; color: #56626e; font-size: 12px; }
th:first-child, td:first-child, th:nth-child(2), td:nth-child(2) { text-align: left; }
td, th { padding: 3px 8px 3px 0; text-align: right; border-bottom: 1px solid #e6eaee; }
td.verdict { text-align: left; padding: 3px 8px; white-space: nowrap; }
td.words { text-align: left; }
.hatched { background-image:
  repeating-linear-gradient(45deg, rgba(0,0,0,.16) 0 1px, transparent 1px 6px); }
.banner { border: 1px solid #d9b779; background: #fff8e6; color: #6b4100;
  padding: 6px 10px; margin: 8px 0; }
svg { max-width: 100%; height: auto; }
.key span { display: inline-block; padding: 1px 8px; margin: 2px 6px 2px 0; font-size: 12px; }
dt { float: left; clear: left; width: 130px; color: #56626e; }
dd { margin: 0 0 0 140px; }
""".strip()


def experiment_report(
    experiment: Experiment, look: ChosenCell, title: str, seed: int | None = None
) -> str:
    """Write the page.

    Parameters
    ----------
    experiment : Experiment
    look : ChosenCell
        Whose metric, arm and segments the forest plot shows.
    title : str
        Of the table.
    seed : int, optional
        With which the arms were shuffled: the page says so.
    """
    card = result_card(experiment, seed)
    gates = card["gates"]
    banner = (
        []
        if gates["trusted"]
        else [
            tag("p", gates["words"] if gates["mismatch"] else experiment.notes[0], class_="banner")
        ]
    )
    noise = (
        []
        if seed is None
        else [
            tag(
                "p",
                f"A/A: the arms were shuffled (seed {seed}); every colour here is noise.",
                class_="banner",
            )
        ]
    )
    picture = Markup(
        forest_picture(experiment, look, "svg", title="")
        .decode()
        .partition("?>")[2]
        .partition("<svg")[2]
    )
    body = [
        tag("h1", f"{title}: {', '.join(experiment.arms[1:])} against {experiment.control}"),
        tag("p", f"{gates['words']} · {card['words']}", class_="quiet"),
        noise,
        banner,
        tag("p", experiment.ledger, class_="quiet"),
        [tag("p", note, class_="quiet") for note in experiment.notes],
        _table([(cell, metric_of(experiment, cell.metric)) for cell in _wholes(experiment)]),
        _key(),
        tag("h2", f"{look.metric} · {look.arm}", f" by {look.by}" if look.by else ""),
        Markup("<svg"),
        picture,
        tag("h2", "Families of tests"),
        _families(card["families"]),
        tag("h2", "Method"),
        tag("p", experiment.method),
        tag("h2", "Parameters"),
        _parameters(experiment),
    ]
    head = [
        tag("meta", charset="utf-8"),
        tag("title", f"{title} · experiment"),
        tag("style", Markup(_STYLE)),
    ]
    return "<!doctype html>\n" + tag(
        "html", tag("head", head), "\n", tag("body", body), "\n", lang="en"
    )


def forest_picture(
    experiment: Experiment,
    look: ChosenCell,
    form: str,
    theme: str = "light",
    title: str | None = None,
) -> bytes:
    """Draw the whole and the largest segments of what is looked at.

    Parameters
    ----------
    experiment : Experiment
    look : ChosenCell
    form : {"png", "svg"}
    theme : {"light", "dark"}
    title : str, optional
        Above it; default: metric and arm.
    """
    cells = [experiment.cells.find(look.metric, look.arm)]
    listed = ""
    if look.by:
        some = SegmentList(experiment, look.by, look.metric, look.arm)
        order = some.order()
        cells += [some.cells[int(place)] for place in order[:FOREST_ROWS]]
        listed = (
            f" By {look.by}: {min(len(order), FOREST_ROWS):,} of {len(order):,} segments, "
            "the largest first."
        )
    rows = [_forest_row(experiment, cell) for cell in cells]
    unit = (
        "in percentage points"
        if metric_of(experiment, look.metric).kind == "proportion"
        else "in the metric's unit"
    )
    caption = (
        f"Difference from {experiment.control} with 95 % intervals, {unit}; dashed: all units."
        f"{listed} {experiment.ledger[:1].upper()}{experiment.ledger[1:]}."
    )
    heading = f"{look.metric}: {look.arm} against {experiment.control}" if title is None else title
    return forest_bytes(rows, heading, caption, form, theme)


def _forest_row(experiment: Experiment, cell: Cell) -> ForestRow:
    metric = metric_of(experiment, cell.metric)
    line, factor = cell_line(cell, metric), 100.0 if metric.kind == "proportion" else 1.0
    value_format, verdict = value_format_of(cell, metric), line["verdict"]
    interval = value_format.interval(cell.low, cell.high)
    return ForestRow(
        cell.segment if cell.by else "all units",
        cell.difference * factor,
        cell.low * factor,
        cell.high * factor,
        f"{value_format.end(cell.difference)}  [{interval}]"
        if interval
        else value_format.end(cell.difference),
        verdict["colour"],
        verdict["ink"],
        verdict["glyph"],
        verdict["short"],
        verdict["hatched"],
    )


def _wholes(experiment: Experiment) -> list[Cell]:
    return [
        experiment.cells[i] for i in range(len(experiment.metrics) * (len(experiment.arms) - 1))
    ]


def _table(cells: list[Any]) -> Markup:
    lines = []
    for cell, metric in cells:
        line = cell_line(cell, metric)
        name = tag(
            "td", line["metric"], " ", line["arrow"], " · primary" if line["primary"] else ""
        )
        figures = (
            "arm",
            "control",
            "treatment",
            "difference",
            "interval",
            "fcr",
            "lift",
            "lift_interval",
            "p",
            "p_raw",
            "detectable",
        )
        lines.append(
            tag("tr", name, [tag("td", line[key]) for key in figures], _verdict(line["verdict"]))
        )
    return tag(
        "table", tag("thead", tag("tr", [tag("th", name) for name in _HEAD])), tag("tbody", lines)
    )


def _verdict(verdict: dict[str, Any]) -> Markup:
    """Return a cell that says its verdict by colour, glyph and words."""
    style = f"background-color:{verdict['colour']};color:{verdict['ink']}"
    return tag(
        "td",
        f"{verdict['glyph']} {verdict['short']}",
        class_=f"verdict{' hatched' if verdict['hatched'] else ''}",
        style=style,
        title=verdict["words"],
    )


def _key() -> Markup:
    looks = [style_of(verdict, strength) for verdict, strength in PALETTE]
    return tag(
        "p",
        [
            tag(
                "span",
                f"{look.glyph} {look.words}",
                class_="hatched" if look.hatched else None,
                style=f"background-color:{look.colour};color:{look.ink}",
            )
            for look in looks
        ],
        class_="key",
    )


def _families(families: list[dict[str, Any]]) -> Markup:
    head = (
        "Family",
        "Tests",
        "Opened",
        "Cochran's Q, p",
        "Sign, p",
        "Level",
        "Expected false",
        "Shown",
        "Coverage",
    )
    rows = [
        tag(
            "tr",
            tag("td", family["name"], title=family["what"]),
            tag("td", family["tests"], class_="words"),
            [
                tag("td", value)
                for value in (
                    "yes" if family["opened"] else "no",
                    family["omnibus"],
                    family["turned"],
                    family["level"],
                    family["expected"],
                    family["shown"],
                    family["coverage"],
                )
            ],
        )
        for family in families
    ]
    return tag(
        "table", tag("thead", tag("tr", [tag("th", name) for name in head])), tag("tbody", rows)
    )


def _parameters(experiment: Experiment) -> Markup:
    pairs = {
        "arms": f"{experiment.variant}: {', '.join(experiment.arms)}",
        "control": experiment.control,
        "allocation": _allocation(experiment),
        "metrics": "; ".join(
            f"{metric.written}{f', adjusted for {metric.pre}' if metric.pre else ''}"
            for metric in experiment.metrics
        ),
        "segments": ", ".join(experiment.by),
        "unit": experiment.unit or "a row",
        "time": experiment.time,
        "status": experiment.status,
        "levels": ", ".join(f"{level:g}" for level in experiment.alpha),
        "rows": experiment.where or "all",
        "table": f"{experiment.n_rows:,} rows, {experiment.fingerprint}",
    }
    return tag(
        "dl",
        [join([tag("dt", name), tag("dd", str(value))]) for name, value in pairs.items() if value],
    )


def _allocation(experiment: Experiment) -> str:
    shares = experiment.analysis.allocation if experiment.analysis is not None else None
    return (
        "not declared"
        if shares is None
        else " : ".join(f"{arm} {share:g}" for arm, share in shares.items())
    )
