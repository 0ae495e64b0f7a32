"""The one tree of exceptions.

A *finding* (a plan crosses a danger zone) is a value, see ``threadlift.finding``. An exception says that an
input cannot be used or that a computation failed. Every message says what happened, to which object, and what
to do next; no message contains patient data beyond the name of the key at fault.
"""

from __future__ import annotations


class ThreadliftError(Exception):
    """Base of every error that Threadlift raises on purpose. ``code`` is stable and documented."""

    code = "threadlift.error"
    exit_code = 70

    def __init__(self, message: str, *, remedy: str = "", where: str = "") -> None:
        self.message = message
        self.remedy = remedy
        self.where = where
        said = message if message.endswith((".", "?", "!")) else f"{message}."
        super().__init__(" ".join(part for part in (where and f"{where}:", said, remedy) if part))


class InputError(ThreadliftError, ValueError):
    """Input that cannot be used: a file, a mesh, a unit, a key, a value."""

    code = "threadlift.input"
    exit_code = 2


class RuleDataError(ThreadliftError):
    """A data file of the project itself is wrong; names the file and the key."""

    code = "threadlift.rule_data"


class ConvergenceError(ThreadliftError):
    """A computation did not reach its tolerance. Carries iterations, residual and tolerance."""

    code = "threadlift.convergence"

    def __init__(self, message: str, *, iterations: int, residual: float, tolerance: float) -> None:
        self.iterations = iterations
        self.residual = residual
        self.tolerance = tolerance
        super().__init__(
            f"{message} ({iterations} iterations, residual {residual:.3g}, tolerance {tolerance:.3g})"
        )


class MissingExtraError(ThreadliftError):
    """An optional dependency is needed for what was asked; says which and how to install it."""

    code = "threadlift.missing_extra"
    exit_code = 2
