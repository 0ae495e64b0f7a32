"""Which classes a medicine belongs to: what is stated and what its name tells, both."""

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
        words = "|".join(re.escape(plain(name)) for name in entry["names"])
        found.append((re.compile(rf"(?<![a-z0-9])(?:{words})(?![a-z])"), entry["drug_class"]))
    return tuple(found)


def plain(name: str) -> str:
    """Lower case without accents, so that ``Xarelto®`` and ``dầu cá`` are found however they are typed."""
    folded = unicodedata.normalize("NFKD", name.lower().replace("đ", "d"))
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


def classify(medicine: Medicine) -> frozenset[str]:
    """Every class that the name or the statement gives; ``{"unknown"}`` when neither says anything."""
    recognised = {drug_class for pattern, drug_class in _names() if pattern.search(plain(medicine.name))}
    if medicine.drug_class not in (None, "unknown"):
        recognised.add(str(medicine.drug_class))
    return frozenset(recognised or {"unknown"})
