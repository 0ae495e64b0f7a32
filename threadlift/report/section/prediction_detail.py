"""What stands beside the prediction: studies, threads, skin quality, statements."""

from __future__ import annotations

from threadlift.planning.prediction import Prediction
from threadlift.report.block import Block, Cell, Column, Entries, Entry, Heading, Mark, Paragraph, Table
from threadlift.report.context import Context


def tell_studies(context: Context, prediction: Prediction) -> list[Block]:
    """Published studies beside what the model says to them."""
    say = context.say
    if not prediction.comparisons:
        return []
    marks = {
        "agrees": Mark("ok", say("prediction.agrees")),
        "does_not_agree": Mark("review", say("prediction.does_not_agree")),
        "cannot_be_said": Mark("none", say("prediction.cannot_be_said")),
    }
    entries = []
    for study in prediction.comparisons:
        lines = [say("prediction.measured", what=context.tell(study.measured))]
        if study.model:
            lines.append(say("prediction.model", what=context.tell(study.model)))
        if study.caution:
            lines.append(context.tell(study.caution))
        entries.append(
            Entry(
                mark=marks[study.agreement],
                title=context.tell(study.study),
                facts=(say("prediction.used" if study.used else "prediction.not_used"),),
                lines=tuple(lines),
                basis=context.sources.basis(study.status, study.sources),
            )
        )
    return [
        Heading(say("prediction.studies")),
        Paragraph(say("prediction.studies_lead")),
        Entries(tuple(entries)),
    ]


def tabulate_threads(context: Context, prediction: Prediction) -> Table:
    """Pull, hold and odds of slipping, thread by thread."""
    say = context.say
    return Table(
        caption="",
        columns=(
            Column(say("plan.thread"), share=0.7),
            Column(say("prediction.asked"), is_number=True),
            Column(say("prediction.carried"), is_number=True),
            Column(say("prediction.holds"), is_number=True),
            Column(say("prediction.slips"), is_number=True),
        ),
        rows=tuple(
            (
                Cell(context.thread_names.get(thread.thread, thread.thread)),
                Cell(say.number(thread.tension_n)),
                Cell(
                    say.number(thread.carried_n.median),
                    say.span(thread.carried_n.low10, thread.carried_n.high90),
                ),
                Cell(f"{say.number(thread.holding_n[0])} ± {say.number(thread.holding_n[1])}"),
                Cell(say.number(100 * thread.odds_slip, 0)),
            )
            for thread in prediction.threads
        ),
    )


def tell_skin(context: Context, prediction: Prediction) -> list[Block]:
    """What is known about the quality of the skin, graded."""
    say = context.say
    return [
        Heading(say("prediction.skin")),
        Entries(
            tuple(
                Entry(
                    mark=Mark("note", say(f"skin_grade.{quality.grade}")),
                    title=context.tell(quality.evidence.what),
                    basis=context.sources.basis(quality.evidence.status, quality.evidence.sources),
                )
                for quality in prediction.skin_quality
            )
        ),
    ]


def tabulate_statements(context: Context, prediction: Prediction) -> Table:
    """What the prediction is and is not, with its basis."""
    say = context.say
    return Table(
        caption="",
        columns=(Column(say("plan.statement"), share=2.4), Column(say("plan.basis"))),
        rows=tuple(
            (Cell(context.tell(note.what)), Cell("", basis=context.sources.basis(note.status, note.sources)))
            for note in prediction.notes
        ),
        is_list=True,
    )
