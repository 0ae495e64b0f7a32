"""The catalogue: materials, thread kinds and cleared uses, looked up by id and judged for a market."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from threadlift.errors import InputError, RuleDataError
from threadlift.files import load_data
from threadlift.finding import Finding
from threadlift.language import Text
from threadlift.threads.clearance import Clearance, Market, ThreadRule
from threadlift.threads.kind import ThreadKind
from threadlift.threads.material import Coating, Material

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Catalogue:
    """Every material, kind, clearance and rule by id. ``version`` is that of the clearance data."""

    version: str
    materials: Mapping[str, Material]
    coatings: Mapping[str, Coating]
    kinds: Mapping[str, ThreadKind]
    clearances: Mapping[str, Clearance]
    markets: Mapping[str, Market]
    rules: Mapping[str, ThreadRule]

    def kind(self, kind_id: str) -> ThreadKind:
        """The kind with this id. Raises ``InputError`` naming near ids."""
        if kind_id not in self.kinds:
            raise InputError(
                f"no thread kind {kind_id[:60]!r}", where="thread", remedy=_near(kind_id, self.kinds)
            )
        return self.kinds[kind_id]

    def material(self, material_id: str) -> Material:
        """The material with this id. Raises ``InputError`` naming near ids."""
        if material_id not in self.materials:
            raise InputError(
                f"no thread material {material_id[:60]!r}",
                where="material",
                remedy=_near(material_id, self.materials),
            )
        return self.materials[material_id]

    def find_kinds(
        self, *, material: str | None = None, can_lift: bool | None = None, form: str | None = None
    ) -> tuple[ThreadKind, ...]:
        """Kinds that fit every condition given, in the order of the catalogue."""
        return tuple(
            kind
            for kind in self.kinds.values()
            if (material is None or kind.material == material)
            and (can_lift is None or kind.can_lift == can_lift)
            and (form is None or kind.form == form)
        )

    def is_absorbable(self, kind_id: str) -> bool:
        """Whether thread and coating are both known to be absorbed."""
        kind = self.kind(kind_id)
        return self.material(kind.material).absorbable == "yes" and kind.coating is None

    def judge(
        self, kind_id: str, market: str, *, device_id: str | None = None, area: str | None = None
    ) -> tuple[Finding, ...]:
        """What speaks against placing this kind for lifting in a market (``VN``, ``US``, ``other``).

        ``device_id`` names a clearance row when the product is known, ``area`` the region of the face. Never
        empty: a clearance that is not known is a caution, not a pass.
        Raises ``InputError`` for an unknown kind, device or a malformed market.
        """
        kind, material = self.kind(kind_id), self.material(self.kind(kind_id).material)
        two_letters = len(market) == 2 and market.isascii() and market.isalpha() and market.isupper()
        if not two_letters and market != "other":
            raise InputError("must be a two-letter code in capitals, or other", where="market")
        findings = list(self._judge_material(kind, material))
        if device_id is not None:
            findings.append(self._judge_device(kind, device_id, market, area))
        elif kind.form == "unknown":
            pass
        elif not kind.can_lift:
            findings.append(self.rules["thread_smooth_does_not_lift"].finding(self.version, kind=kind.name))
            findings.append(self._market_unknown(material, market))
        else:
            findings.append(self._judge_class(kind, material, market))
        return tuple(findings)

    def _judge_material(self, kind: ThreadKind, material: Material) -> Iterable[Finding]:
        if material.absorbable == "unknown":
            yield self.rules["thread_material_unknown"].finding(self.version, value=kind.id)
        elif material.absorbable == "no":
            yield self.rules["thread_not_absorbable"].finding(
                self.version, value=kind.id, sources=material.sources, material=material.name
            )
        if kind.coating is not None and self.coatings[kind.coating].absorbable != "yes":
            yield self.rules["thread_coating_not_absorbable"].finding(
                self.version, value=kind.id, coating=self.coatings[kind.coating].name
            )

    def _judge_device(self, kind: ThreadKind, device_id: str, market: str, area: str | None) -> Finding:
        if device_id not in self.clearances:
            raise InputError(
                f"no cleared device {device_id[:60]!r}",
                where="device",
                remedy=_near(device_id, self.clearances),
            )
        row = self.clearances[device_id]
        if kind.material not in row.materials or kind.form not in row.forms:
            raise InputError(f"device {row.id!r} is not a {kind.id!r}", where="device")
        if row.market != market:
            return self._market_unknown(self.material(kind.material), market)
        if row.use == "lifting":
            covered = area is None or area in row.areas
            rule = "thread_cleared_for_lifting" if covered else "thread_off_label_region"
        else:
            rule = "thread_withdrawn" if row.use == "withdrawn" else "thread_not_cleared_for_lifting"
        return self.rules[rule].finding(
            self.version,
            sources=row.sources,
            status=row.status,
            value=row.id,
            device=row.device,
            market=self._market_name(market),
            indication=row.indication,
        )

    def _judge_class(self, kind: ThreadKind, material: Material, market: str) -> Finding:
        if market not in self.markets or not self.markets[market].known:
            return self._market_unknown(material, market)
        rows = [
            row
            for row in self.clearances.values()
            if row.market == market and kind.material in row.materials and kind.form in row.forms
        ]
        lifting = [row for row in rows if row.use == "lifting"]
        sources = tuple(source for row in rows for source in row.sources)
        place = self._market_name(market)
        if not lifting:
            rule = self.rules["thread_no_lifting_clearance_found"]
            return rule.finding(
                self.version, value=kind.id, sources=sources, material=material.name, market=place
            )
        none = Text(en="none found", vi="chưa thấy")
        others = ", ".join(row.device for row in rows if row.use != "lifting")
        return self.rules["thread_label_decides"].finding(
            self.version,
            value=kind.id,
            sources=sources,
            cleared=", ".join(row.device for row in lifting),
            others=others or none,
            material=material.name,
            market=place,
        )

    def _market_unknown(self, material: Material, market: str) -> Finding:
        return self.rules["thread_market_unknown"].finding(
            self.version,
            sources=self.markets[market].sources if market in self.markets else (),
            material=material.name,
            market=self._market_name(market),
        )

    def _market_name(self, market: str) -> Text:
        if market in self.markets:
            return self.markets[market].name
        other = Text(en="the market of treatment", vi="thị trường điều trị")
        return other if market == "other" else Text(en=market, vi=market)


def _near(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name.lower(), list(known), n=3, cutoff=0.4)
    return f"Did you mean {', '.join(near)}?" if near else f"Known: {', '.join(known)}."


def _read(model: type[Model], entries: list[dict[str, Any]], place: str) -> tuple[Model, ...]:
    try:
        return tuple(model.model_validate(entry) for entry in entries)
    except ValidationError as error:
        raise RuleDataError(f"threads/data/{place}: {error}") from error


@cache
def load_catalogue() -> Catalogue:
    """The catalogue from its data files. Raises ``RuleDataError`` when one of them does not hold together."""
    materials = load_data("threadlift.threads", "materials.toml")
    cleared = load_data("threadlift.threads", "cleared.toml")
    by_material = {m.id: m for m in _read(Material, materials["material"], "materials.toml")}
    coatings = {c.id: c for c in _read(Coating, materials["coating"], "materials.toml")}
    kinds = {}
    for kind in _read(ThreadKind, load_data("threadlift.threads", "kinds.toml")["kind"], "kinds.toml"):
        if kind.material not in by_material or (kind.coating is not None and kind.coating not in coatings):
            raise RuleDataError(
                f"threads/data/kinds.toml: kind {kind.id!r} names an unknown material or coating"
            )
        modulus = by_material[kind.material].modulus_mpa
        kinds[kind.id] = kind.model_copy(update={"modulus_mpa": modulus[0] if modulus else None})
    return Catalogue(
        version=cleared["file"]["version"],
        materials=by_material,
        coatings=coatings,
        kinds=kinds,
        clearances={c.id: c for c in _read(Clearance, cleared["clearance"], "cleared.toml")},
        markets={m.id: m for m in _read(Market, cleared["market"], "cleared.toml")},
        rules={r.id: r for r in _read(ThreadRule, cleared["rule"], "cleared.toml")},
    )
