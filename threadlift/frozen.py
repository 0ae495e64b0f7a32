"""The base of the values at the edges: files that people write, data files, answers of commands."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Cannot be changed once made, and takes no key that is not described."""

    model_config = ConfigDict(frozen=True, extra="forbid")
