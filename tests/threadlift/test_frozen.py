"""The base of the values at the edges."""

import pytest
from pydantic import ValidationError

from threadlift.frozen import Frozen


class Point(Frozen):
    x_mm: float = 0.0


def test_a_value_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Point().x_mm = 1.0  # type: ignore[misc]


def test_a_key_that_is_not_described_is_refused() -> None:
    with pytest.raises(ValidationError, match="y_mm"):
        Point.model_validate({"y_mm": 1.0})
