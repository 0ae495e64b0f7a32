"""The prediction: how much, for how long, how sure; beside what was published. A range, never a promise."""

from __future__ import annotations

from collections.abc import Sequence

from threadlift.case.case import Treatment
from threadlift.face.template import load_landmark_facts
from threadlift.language import Text
from threadlift.planning.forecast import Band, LandmarkPrediction, MonthPrediction
from threadlift.planning.prediction import Prediction
from threadlift.report.block import (
    Block,
    Cell,
    Chart,
    ChartRow,
    Column,
    Fold,
    Heading,
    Mark,
    Note,
    Paragraph,
    Section,
    Table,
)
from threadlift.report.chart import CurvePoint, RangeRow, draw_curve, draw_ranges, draw_shares
from threadlift.report.context import Context
from threadlift.report.section.prediction_detail import (
    tabulate_statements,
    tabulate_threads,
    tell_skin,
    tell_studies,
)

# Where a goal is read off the face; the first of them that the prediction holds is charted.
_PLACES = {
    "jowl": ("jowl",),
    "jawline": ("jowl", "go"),
    "nasolabial": ("nlf",),
    "marionette": ("mar", "ch"),
    "midface": ("ma", "nlf"),
    "brow": ("bt",),
    "double_chin": ("hy", "gn"),
    "neck": ("hy",),
}
_WORTH_SHOWING_MM = 0.3
_MOST_CURVES = 4
_WORTH_SHOWING_SHARE = 0.03
_MOST_SHARES = 6
_SHORT_TABLE = (0.0, 1.0, 3.0, 6.0, 12.0, 18.0, 24.0)


def tell_prediction(context: Context, treatment: Treatment) -> Section:
    """The section on the prediction."""
    say, prediction = context.say, treatment.prediction
    blocks: list[Block] = []
    if prediction.form == "refused":
        stop = Mark("stop", say("prediction.refused"))
        blocks += [Note(stop, context.tell(reason.what)) for reason in prediction.why]
        return Section("prediction", say("prediction.title"), tuple(blocks), say("prediction.lead_refused"))
    if prediction.why:
        words = Mark("caution", say("prediction.wider" if prediction.form == "mm" else "prediction.in_words"))
        blocks += [Note(words, context.tell(reason.what)) for reason in prediction.why]
    blocks.append(Paragraph(say("report.estimate"), "strong"))
    blocks += _millimetres(context, prediction)
    blocks += _words(context, prediction)
    blocks += _hangs_on(context, prediction)
    blocks += tell_studies(context, prediction)
    if prediction.threads:
        blocks.append(Fold(say("prediction.threads"), (tabulate_threads(context, prediction),)))
    if prediction.skin_quality:
        blocks += tell_skin(context, prediction)
    blocks.append(Heading(say("prediction.notes")))
    blocks.append(tabulate_statements(context, prediction))
    return Section("prediction", say("prediction.title"), tuple(blocks), say("prediction.lead"))


def expect(context: Context, treatment: Treatment) -> list[tuple[str, str]]:
    """What to expect at the places that the goals speak of: place, and now and a year on with ranges."""
    say, prediction = context.say, treatment.prediction
    rows = []
    for entry in wished_places(context, prediction):
        now, later = at_month(entry, 0.0), at_month(entry, 12.0)
        if now is None or later is None:
            continue
        if entry.form == "mm":
            told = say(
                "prediction.now_and_later",
                now=written(context, now.change_mm),
                later=written(context, later.change_mm),
            )
        else:
            told = say("prediction.now_and_later", now=_graded(context, now), later=_graded(context, later))
        rows.append((name_of(context, entry), told))
    return rows


def _graded(context: Context, row: MonthPrediction) -> str:
    """The grade of a month in words, with its odds."""
    say = context.say
    odds = {"none": row.grade.none, "slight": row.grade.slight, "clear": row.grade.clear}
    share = say("prediction.of_100", n=say.number(100 * odds[row.grade.word], 0))
    return f"{say(f'prediction.grade_{row.grade.word}')} ({share})"


def wished_places(context: Context, prediction: Prediction) -> tuple[LandmarkPrediction, ...]:
    """The predicted landmarks that the goals speak of, both sides, in the order of the goals."""
    found: dict[str, LandmarkPrediction] = {}
    known = {entry.landmark.removesuffix("_l").removesuffix("_r") for entry in prediction.landmarks}
    for goal in context.case.intake.goals:
        place = next((name for name in _PLACES.get(goal, ()) if name in known), None)
        for entry in prediction.landmarks:
            if place and entry.landmark in (place, f"{place}_l", f"{place}_r"):
                found[entry.landmark] = entry
    return tuple(found.values())


def name_of(context: Context, entry: LandmarkPrediction) -> str:
    """A landmark with its side as people say it."""
    facts = load_landmark_facts()[entry.landmark.removesuffix("_l").removesuffix("_r")]
    name = context.say.of(Text.model_validate(facts["name"]))
    return name if entry.side == "midline" else f"{name}, {context.say(f'form.{entry.side}')}"


def written(context: Context, band: Band | None) -> str:
    """A band with unit and range."""
    return context.say.band(band.median, band.low10, band.high90) if band else context.say("form.unknown")


def at_month(entry: LandmarkPrediction, month: float) -> MonthPrediction | None:
    """The prediction of a landmark at ``month``, or None."""
    return next((row for row in entry.months if row.month == month), None)


def _millimetres(context: Context, prediction: Prediction) -> list[Block]:
    say = context.say
    in_mm = [entry for entry in prediction.landmarks if entry.form == "mm"]
    wished = [entry for entry in wished_places(context, prediction) if entry.form == "mm"]
    moved = [entry for entry in in_mm if _largest(entry) >= _WORTH_SHOWING_MM]
    shown = wished or moved[:_MOST_CURVES]
    blocks: list[Block] = []
    if shown:
        blocks.append(Paragraph(say("prediction.curves_lead")))
        blocks.append(ChartRow(tuple(_curve(context, entry) for entry in shown[:_MOST_CURVES])))
    rows = list({entry.landmark: entry for entry in (*wished, *moved)}.values())
    if rows:
        blocks.append(_ranges(context, rows))
        hatched = Paragraph(say("prediction.hatched"), "quiet")
        numbers = (_table(context, rows), _odds(context, shown[:_MOST_CURVES]), hatched)
        blocks.append(Fold(say("prediction.numbers"), numbers))
    still = [name_of(context, entry) for entry in in_mm if entry not in rows]
    if still:
        blocks.append(Paragraph(say("prediction.still", places=", ".join(still)), "quiet"))
    return blocks


def _largest(entry: LandmarkPrediction) -> float:
    first = entry.months[0].change_mm
    return first.median if first else 0.0


def _curve(context: Context, entry: LandmarkPrediction) -> Chart:
    say, name = context.say, name_of(context, entry)
    points = [
        CurvePoint(row.month, row.change_mm.median, row.change_mm.low10, row.change_mm.high90, row.measured)
        for row in entry.months
        if row.change_mm
    ]
    description = say(
        "prediction.describe_curve",
        first=written(context, entry.months[0].change_mm),
        last=written(context, entry.months[-1].change_mm),
        month=say.number(entry.months[-1].month, 0),
    )
    return Chart(name, description, draw_curve(points, say, title=name, description=description))


def _ranges(context: Context, rows: Sequence[LandmarkPrediction]) -> Chart:
    say, title = context.say, context.say("prediction.ranges")
    lines = []
    for entry in rows:
        band = entry.months[0].change_mm
        if band:
            place = name_of(context, entry)
            lines.append(RangeRow(place, band.median, band.low10, band.high90, written(context, band)))
    described = "; ".join(f"{line.label}: {line.written}" for line in lines)
    return Chart(title, described, draw_ranges(lines, say, title=title, description=described))


def _table(context: Context, rows: Sequence[LandmarkPrediction]) -> Table:
    say = context.say
    months = [row for row in rows[0].months if row.month in _SHORT_TABLE]

    def cell(row: MonthPrediction | None) -> Cell:
        band = row.change_mm if row else None
        return Cell(say.number(band.median), say.span(band.low10, band.high90)) if band else Cell("")

    return Table(
        caption=say("prediction.table"),
        columns=(
            Column(say("prediction.place"), share=2.3),
            *(Column(_month(context, month), is_number=True) for month in months),
        ),
        rows=tuple(
            (Cell(name_of(context, entry)), *(cell(at_month(entry, month.month)) for month in months))
            for entry in rows
        ),
    )


def _month(context: Context, row: MonthPrediction) -> str:
    say = context.say
    name = say("prediction.now") if row.month == 0 else say("prediction.month", n=say.number(row.month, 0))
    return name if row.measured else f"{name} *"


def _odds(context: Context, rows: Sequence[LandmarkPrediction]) -> Table:
    """Odds that a change is seen at all, as people of 100."""
    say = context.say
    months = [row for row in rows[0].months if row.month in _SHORT_TABLE]
    return Table(
        caption=say("prediction.odds"),
        columns=(
            Column(say("prediction.place"), share=2.3),
            *(Column(_month(context, month), is_number=True) for month in months),
        ),
        rows=tuple(
            (
                Cell(name_of(context, entry)),
                *(
                    Cell(say.number(100 * row.odds_visible, 0))
                    for row in entry.months
                    if row.month in _SHORT_TABLE
                ),
            )
            for entry in rows
        ),
    )


def _words(context: Context, prediction: Prediction) -> list[Block]:
    say = context.say
    rows = [entry for entry in prediction.landmarks if entry.form == "words"]
    if not rows:
        return []
    months = [row for row in rows[0].months if row.month in _SHORT_TABLE]

    def cell(row: MonthPrediction) -> Cell:
        odds = {"none": row.grade.none, "slight": row.grade.slight, "clear": row.grade.clear}
        share = say.number(100 * odds[row.grade.word], 0)
        return Cell(say(f"prediction.grade_{row.grade.word}"), say("prediction.of_100", n=share))

    return [
        Paragraph(say("prediction.words_lead")),
        Table(
            caption=say("prediction.grades"),
            columns=(
                Column(say("prediction.place"), share=1.6),
                *(Column(_month(context, month)) for month in months),
            ),
            rows=tuple(
                (
                    Cell(name_of(context, entry)),
                    *(cell(row) for row in entry.months if row.month in _SHORT_TABLE),
                )
                for entry in rows
            ),
        ),
        Paragraph(say("prediction.hatched"), "quiet"),
    ]


def _hangs_on(context: Context, prediction: Prediction) -> list[Block]:
    """Which unknowns make the spread, as one small chart a month."""
    say = context.say
    if not prediction.hangs_on:
        return []
    told = prediction.hangs_on[0].landmarks
    places = [name_of(context, prediction.landmark(name)) for name in told]
    charts = []
    for ranking in prediction.hangs_on:
        title = say(
            "prediction.hangs_on_now" if ranking.month == 0 else "prediction.hangs_on_later",
            n=say.number(ranking.month, 0),
        )
        shown = [one for one in ranking.influences if one.alone >= _WORTH_SHOWING_SHARE]
        shown = sorted(shown, key=lambda one: -one.alone)[:_MOST_SHARES]
        parts = [(context.tell(one.name), one.alone) for one in shown]
        parts.append((say("prediction.hangs_on_rest"), max(1 - sum(share for _, share in parts), 0.0)))
        rows = [
            (name, share, say("prediction.hangs_on_percent", n=say.number(100 * share, 0)))
            for name, share in parts
        ]
        described = "; ".join(f"{name}: {percent}" for name, _, percent in rows)
        charts.append(Chart(title, described, draw_shares(rows, title=title, description=described)))
    return [
        Heading(say("prediction.hangs_on")),
        Paragraph(say("prediction.hangs_on_lead", places="; ".join(places))),
        ChartRow(tuple(charts)),
    ]
