"""Charts as small drawings: readable in print, in grey, on a phone; a table beside them has the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor

from threadlift.report.drawing import svg, words
from threadlift.report.wording import Wording

WIDTH = 360.0


@dataclass(frozen=True)
class CurvePoint:
    """Middle, low and high at a month; ``is_measured`` where people were measured in mm at that time."""

    month: float
    middle: float
    low: float
    high: float
    is_measured: bool


@dataclass(frozen=True)
class RangeRow:
    """One line of a range chart."""

    label: str
    middle: float
    low: float
    high: float
    written: str


@dataclass(frozen=True)
class Span:
    """A line of a timeline: from day ``first`` to day ``last``, both counted."""

    label: str
    first: int
    last: int
    written: str
    is_strong: bool = True


@dataclass(frozen=True)
class _Plot:
    """The area of a curve: months to the right, values from ``lines[0]`` to ``lines[-1]`` steps upwards."""

    last_month: float
    step: float
    lines: range
    left: float = 34.0
    right: float = WIDTH - 10.0
    top: float = 22.0
    bottom: float = 170.0

    def x(self, month: float) -> float:
        return self.left + (self.right - self.left) * month / self.last_month

    def y(self, value: float) -> float:
        share = (value / self.step - self.lines[0]) / (self.lines[-1] - self.lines[0])
        return self.bottom - (self.bottom - self.top) * share


def draw_curve(
    points: Sequence[CurvePoint], say: Wording, *, title: str, description: str, unit: str = "mm"
) -> str:
    """A value over months with its band; months without measured values are hatched."""
    step = nice_top(max(*(point.high for point in points), 0.4)) / 4
    lowest = min(0.0, min(point.low for point in points))
    plot = _Plot(max(point.month for point in points), step, range(floor(lowest / step), 5))
    content = _grid(plot, points, say, unit) + _band(plot, points)
    middle = "L".join(f"{plot.x(p.month):.1f} {plot.y(p.middle):.1f}" for p in points)
    content += f'<path d="M{middle}" style="fill:none;stroke:$data$;stroke-width:2.2"/>'
    for point in points:
        fill = "$data$" if point.is_measured else "$surface$"
        content += (
            f'<circle cx="{plot.x(point.month):.1f}" cy="{plot.y(point.middle):.1f}" r="3.2" '
            f'style="fill:{fill};stroke:$data$;stroke-width:1.6"/>'
        )
    return svg(WIDTH, plot.bottom + 40, content, title=title, description=description)


def _grid(plot: _Plot, points: Sequence[CurvePoint], say: Wording, unit: str) -> str:
    parts = [words(plot.left - 6, plot.top - 8, unit, anchor="end", colour="$ink3$")]
    for line in plot.lines:
        height = plot.y(line * plot.step)
        colour = "$line$" if line else "$ink3$"
        parts.append(
            f'<path d="M{plot.left} {height:.1f}H{plot.right}" style="stroke:{colour};stroke-width:1"/>'
        )
        written = say.number(line * plot.step, decimals_of(plot.step))
        parts.append(words(plot.left - 6, height + 4, written, anchor="end", colour="$ink3$"))
    for point in points:
        month = say.number(point.month, 0)
        parts.append(words(plot.x(point.month), plot.bottom + 16, month, anchor="middle", colour="$ink2$"))
    middle = (plot.left + plot.right) / 2
    parts.append(words(middle, plot.bottom + 32, say("chart.months"), anchor="middle", colour="$ink3$"))
    return "".join(parts)


def _band(plot: _Plot, points: Sequence[CurvePoint]) -> str:
    upper = [f"{plot.x(p.month):.1f} {plot.y(p.high):.1f}" for p in points]
    lower = [f"{plot.x(p.month):.1f} {plot.y(p.low):.1f}" for p in reversed(points)]
    parts = [f'<path d="M{"L".join(upper + lower)}z" style="fill:$band$"/>']
    for before, after in pairwise(points):
        if not after.is_measured:
            parts.append(_hatch(plot.x(before.month), plot.x(after.month), plot.top, plot.bottom))
    for edge in (upper, lower):
        parts.append(f'<path d="M{"L".join(edge)}" style="fill:none;stroke:$data$;stroke-width:.8"/>')
    return "".join(parts)


def draw_ranges(
    rows: Sequence[RangeRow], say: Wording, *, title: str, description: str, unit: str = "mm"
) -> str:
    """One line a row: the range as a bar, its middle as a tick, the figures beside it."""
    step, top, bottom = 38.0, 6.0, 32.0
    height = top + step * len(rows) + bottom
    left, right = 8.0, 16.0
    peak = nice_top(max(row.high for row in rows))

    def x(value: float) -> float:
        return left + (WIDTH - left - right) * min(max(value, 0.0), peak) / peak

    base = top + step * len(rows)
    parts = []
    for mark in range(5):
        value = peak * mark / 4
        parts.append(f'<path d="M{x(value):.1f} {top}V{base}" style="stroke:$line$;stroke-width:1"/>')
        written = say.number(value, decimals_of(peak / 4)) + (f" {unit}" if mark == 4 else "")
        anchor = "start" if mark == 0 else "end" if mark == 4 else "middle"
        parts.append(words(x(value), base + 16, written, anchor=anchor, colour="$ink3$"))
    for index, row in enumerate(rows):
        line = top + step * index
        parts.append(words(left, line + 14, row.label, size=12))
        parts.append(words(WIDTH - right, line + 14, row.written, size=12, weight=600, anchor="end"))
        wide = max(x(row.high) - x(row.low), 1.0)
        parts.append(
            f'<rect x="{x(row.low):.1f}" y="{line + 20}" width="{wide:.1f}" height="10" rx="2" '
            'style="fill:$band$;stroke:$data$;stroke-width:.8"/>'
        )
        parts.append(f'<path d="M{x(row.middle):.1f} {line + 18}v14" style="stroke:$data$;stroke-width:3"/>')
    return svg(WIDTH, height, "".join(parts), title=title, description=description)


def draw_shares(rows: Sequence[tuple[str, float, str]], *, title: str, description: str) -> str:
    """Parts of a sum: label, size, figure written; one bar each."""
    step = 34.0
    whole = max(sum(size for _, size, _ in rows), 1e-9)
    parts = []
    for index, (label, size, written) in enumerate(rows):
        line = step * index
        parts.append(words(0, line + 13, label, size=12))
        parts.append(words(WIDTH, line + 13, written, size=12, weight=600, anchor="end"))
        parts.append(f'<rect x="0" y="{line + 19}" width="{WIDTH}" height="7" rx="2" style="fill:$line$"/>')
        parts.append(
            f'<rect x="0" y="{line + 19}" width="{WIDTH * size / whole:.1f}" height="7" rx="2" '
            'style="fill:$data$"/>'
        )
    return svg(WIDTH, step * len(rows), "".join(parts), title=title, description=description)


def draw_timeline(spans: Sequence[Span], say: Wording, *, title: str, description: str) -> str:
    """Days after the procedure as bars; later days are drawn closer together."""
    step, top = 29.0, 24.0
    height = top + step * len(spans) + 6
    last = max(span.last for span in spans) + 1

    def x(day: float) -> float:
        return float((day / last) ** 0.5 * WIDTH)

    parts = []
    for day in (0, 1, 3, 7, 14, 30, 90, 180, 365):
        if day < last:
            parts.append(
                f'<path d="M{x(day):.1f} {top - 4}V{height - 4}" style="stroke:$line$;stroke-width:1"/>'
            )
            anchor = "start" if day == 0 else "middle"
            parts.append(
                words(
                    x(day),
                    12,
                    say("chart.day", day=day) if day == 0 else str(day),
                    anchor=anchor,
                    colour="$ink3$",
                )
            )
    for index, span in enumerate(spans):
        line = top + step * index
        wide = max(x(span.last + 1) - x(span.first), 4.0)
        fill = "$data$" if span.is_strong else "$band$"
        parts.append(
            f'<rect x="{x(span.first):.1f}" y="{line + 17}" width="{wide:.1f}" height="8" rx="2" '
            f'style="fill:{fill};stroke:$data$;stroke-width:.8"/>'
        )
        parts.append(words(0, line + 12, span.label, size=12))
        parts.append(words(WIDTH, line + 12, span.written, size=12, weight=600, anchor="end"))
    return svg(WIDTH, height, "".join(parts), title=title, description=description)


def draw_scale(
    stops: Sequence[str], top: float | None, say: Wording, *, title: str, is_open: bool = False
) -> str:
    """A colour scale from 0 to ``top`` mm, ``is_open`` where more occurs; without ``top`` none to most."""
    steps = 48
    wide = WIDTH / steps
    parts = []
    for index in range(steps):
        parts.append(
            f'<rect x="{index * wide:.2f}" y="4" width="{wide + 0.4:.2f}" height="12" '
            f'style="fill:{_mixed(stops, (index + 0.5) / steps)}"/>'
        )
    for mark in range(5) if top is not None else (0, 4):
        if top is None:
            written = say("chart.most") if mark else say("chart.none")
        else:
            written = say.number(top * mark / 4, decimals_of(top / 4))
            written = ("≥ " if is_open else "") + f"{written} mm" if mark == 4 else written
        anchor = "start" if mark == 0 else "end" if mark == 4 else "middle"
        parts.append(words(WIDTH * mark / 4, 32, written, size=12, anchor=anchor))
    return svg(WIDTH, 38, "".join(parts), title=title)


def decimals_of(step: float) -> int:
    """Decimals that a mark of an axis needs so that equal steps look equal."""
    return next(digits for digits in range(4) if abs(step - round(step, digits)) < 1e-6 or digits == 3)


def nice_top(value: float) -> float:
    """The next round number at or above ``value`` that four steps divide evenly."""
    size = 0.1
    while True:
        for factor in (1.0, 2.0, 4.0, 6.0, 8.0):
            if factor * size >= value * 0.999 and factor * size > 0:
                return round(factor * size, 6)
        size *= 10


def _mixed(stops: Sequence[str], share: float) -> str:
    at = min(max(share, 0.0), 1.0) * (len(stops) - 1)
    first = min(int(at), len(stops) - 2)
    parts = [
        round(
            int(stops[first][i : i + 2], 16) * (1 - at + first)
            + int(stops[first + 1][i : i + 2], 16) * (at - first)
        )
        for i in (1, 3, 5)
    ]
    return "#" + "".join(f"{part:02x}" for part in parts)


def _hatch(left: float, right: float, top: float, bottom: float) -> str:
    """Slanted lines clipped by hand, so that every renderer draws them alike."""
    lines = []
    height = bottom - top
    for index in range(ceil((right - left + height) / 7)):
        start = left - height + index * 7.0
        x1, y1 = max(start, left), bottom - max(left - start, 0.0)
        x2 = min(start + height, right)
        y2 = y1 - (x2 - x1)
        if x2 > x1:
            lines.append(f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}")
    return f'<path d="{"".join(lines)}" style="stroke:$data2$;stroke-width:.8;stroke-opacity:.75"/>'
