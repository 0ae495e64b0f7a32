"""Plans and price lists for the tests of pricing."""

from __future__ import annotations

import copy
from typing import Any

from threadlift.files import load_data
from threadlift.planning.plan import Plan
from threadlift.pricing import PriceList


def build_plan(**kinds: str) -> Plan:
    """One thread for each keyword: ``L1="pdo_mono"`` is a thread on the left, ``R1=...`` on the right."""
    return Plan.model_validate(
        {
            "schema": "threadlift.plan/1",
            "threads": [
                {
                    "id": name,
                    "kind": kind,
                    "side": "left" if name.startswith("L") else "right",
                    "plane": "supra_smas",
                    "path": [{"landmark": "t"}, {"landmark": "ch"}],
                }
                for name, kind in kinds.items()
            ],
        }
    )


def build_prices(**changes: Any) -> PriceList:
    """The example list with top-level parts replaced: ``tax={...}``."""
    content = copy.deepcopy(load_data("threadlift.pricing", "price_list.toml"))
    content.update(changes)
    return PriceList.model_validate(content)


COG = "pdo_cog_moulded_2_0"
