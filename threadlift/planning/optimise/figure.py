"""Plans and wishes in figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from threadlift.finding import Finding
from threadlift.planning.cable import simulate_threads
from threadlift.planning.clearance import check_plan
from threadlift.planning.forecast import Band
from threadlift.planning.optimise.answer import CandidateCount, PlanFigures, WishAnswer, count_severities
from threadlift.planning.optimise.candidate import Supply
from threadlift.planning.optimise.check import MOUTH
from threadlift.planning.optimise.prepare import Choice
from threadlift.planning.optimise.price import Prices
from threadlift.planning.optimise.search import Found
from threadlift.planning.optimise.target import Target
from threadlift.planning.path import ResolvedThread, resolve_plan
from threadlift.planning.plan import Plan
from threadlift.screening.intake import Intake
from threadlift.threads import Catalogue
from threadlift.tissue import Lift, TissueModel


@dataclass(frozen=True, eq=False)
class Published:
    """The published technique's plan, computed: what it does, and its figures."""

    plan: Plan
    threads: tuple[ResolvedThread, ...]
    lift: Lift
    figures: PlanFigures


Spans = tuple[Band | None, ...]


def tell_wishes(
    target: Target, answer: Found | None, beside: Published | None, spans: Spans, beside_spans: Spans
) -> tuple[WishAnswer, ...]:
    """The wishes with what the chosen plan and the published one give, each with its range."""
    reached = target.reached(answer.checked) if answer else np.zeros(len(target.landmarks))
    estimated = answer.estimated_mm if answer else reached
    published = target.read(beside.lift) if beside else None
    return tuple(
        WishAnswer(
            landmark=name,
            direction=target.names[i],
            wished_mm=round(float(target.wish_mm[i]), 3),
            needed_mm=round(float(target.needed_mm[i]), 3),
            estimated_mm=round(float(estimated[i]), 3),
            reached_mm=round(float(reached[i]), 3),
            reached_range=spans[i],
            published_mm=None if published is None else round(float(published[i]), 3),
            published_range=beside_spans[i],
        )
        for i, name in enumerate(target.landmarks)
    )


def compute_published(
    plan: Plan, model: TissueModel, catalogue: Catalogue, intake: Intake, prices: Prices | None
) -> Published:
    """Lift and figures of the published technique's plan."""
    threads = resolve_plan(plan, model.anatomy)
    lift = simulate_threads(model, threads, catalogue)
    figures = figures_of(plan, threads, lift, model, catalogue, intake, prices)
    return Published(plan, threads, lift, figures)


def figures_of(
    plan: Plan,
    threads: Sequence[ResolvedThread],
    lift: Lift,
    model: TissueModel,
    catalogue: Catalogue,
    intake: Intake,
    prices: Prices | None,
) -> PlanFigures:
    findings: list[Finding] = [
        *check_plan(plan, model.anatomy, catalogue, market=intake.patient.market),
        *lift.findings,
    ]
    report = lift.report()
    mouth = [point.total_mm for point in lift.points if point.landmark in MOUTH]
    lengths = {one.thread.id: one.length_mm for one in threads}
    return PlanFigures(
        threads=len(plan.threads),
        total_pull_n=round(sum(thread.tension_n for thread in plan.threads), 2),
        total=prices.total(plan, lengths) if prices else None,
        currency=prices.currency if prices else None,
        mouth_mm=round(max(mouth, default=0.0), 2),
        stretch_percent=round(report.skin_stretch_percent, 1),
        bunching_percent=round(report.skin_compression_percent, 1),
        **count_severities([finding.severity for finding in findings]),
    )


def count_candidates(supply: Supply, choice: Choice) -> CandidateCount:
    each = len(choice.search.options[0].members) if choice.search.options else 1
    return CandidateCount(
        generated=supply.generated,
        clear=len(supply.candidates),
        refused=dict(supply.refused),
        alike=choice.alike * each,
        thinned=choice.thinned * each,
        threads=len(choice.search.candidates()),
        conflicts=choice.conflicts,
    )
