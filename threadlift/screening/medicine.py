"""Which classes a medicine belongs to: what is stated and what its name tells, both.

An entry may name several medicines ("omeprazole and warfarin"); a part that nobody recognises stays unknown.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from threadlift.files import load_data
from threadlift.screening.intake import Medicine


@cache
def _names() -> tuple[tuple[re.Pattern[str], str], ...]:
    found = []
    for entry in load_data("threadlift.screening", "medicines.toml")["medicine_class"]:
        found.append((_pattern(entry["names"]), entry["drug_class"]))
    return tuple(found)


def _pattern(names: list[str]) -> re.Pattern[str]:
    words = "|".join(re.escape(plain(name)) for name in names)
    return re.compile(rf"(?<![a-z0-9])(?:{words})(?![a-z])")


def plain(name: str) -> str:
    """Lower case without accents, so that ``Xarelto®`` and ``dầu cá`` are found however they are typed."""
    folded = unicodedata.normalize("NFKD", name.lower().replace("đ", "d"))
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


@cache
def _steroids() -> tuple[tuple[re.Pattern[str], float], ...]:
    entries = load_data("threadlift.screening", "medicines.toml")["steroid"]
    return tuple((_pattern(entry["names"]), entry["mg_like_5_mg_prednisolone"]) for entry in entries)


def prednisolone_mg_per_day(medicine: Medicine) -> float | None:
    """Dose of a corticosteroid as mg of prednisolone a day; None without a dose or for an unknown steroid."""
    for pattern, like_5_mg in _steroids():
        if pattern.search(plain(medicine.name)) and medicine.dose_mg_per_day is not None:
            return round(medicine.dose_mg_per_day * 5 / like_5_mg, 4)
    return None


SEPARATOR = re.compile(r"[,;+&/\n]|\s[-\u2013]\s|\b(?:and|with|plus|va|voi|cung)\b")


@cache
def _dose_words() -> frozenset[str]:
    return frozenset(load_data("threadlift.screening", "medicines.toml")["dose_words"]["words"])


def classify(medicine: Medicine) -> frozenset[str]:
    """Every class that the name or the statement gives, and ``"unknown"`` when a part of it says nothing."""
    recognised = {drug_class for pattern, drug_class in _names() if pattern.search(plain(medicine.name))}
    if medicine.drug_class not in (None, "unknown"):
        recognised.add(str(medicine.drug_class))
    elif not recognised or any(map(_is_unread, SEPARATOR.split(plain(medicine.name)))):
        recognised.add("unknown")
    return frozenset(recognised)


def _is_unread(part: str) -> bool:
    """Whether ``part`` of an entry has words that are neither a known name nor a dose."""
    if any(pattern.search(part) for pattern, _ in _names()):
        return False
    return bool(set(re.findall(r"[a-z]+", part)) - _dose_words())
