"""Thread catalogue: materials, kinds, cleared use; and how much of the lift stays over the months."""

from threadlift.threads.catalogue import Catalogue, load_catalogue
from threadlift.threads.clearance import Clearance, Market
from threadlift.threads.kind import ThreadKind
from threadlift.threads.material import Material
from threadlift.threads.retention import (
    Anchoring,
    RetentionCurve,
    last_month,
    retention,
    sample_retention,
)

__all__ = [
    "Anchoring",
    "Catalogue",
    "Clearance",
    "Market",
    "Material",
    "RetentionCurve",
    "ThreadKind",
    "last_month",
    "load_catalogue",
    "retention",
    "sample_retention",
]
