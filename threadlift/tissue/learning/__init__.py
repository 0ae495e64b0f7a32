"""What measured outcomes say about the unknowns of the model."""

from threadlift.tissue.learning.evidence import Evidence
from threadlift.tissue.learning.posterior import Belief, Posterior, learn_from, weighted_quantiles

__all__ = ["Belief", "Evidence", "Posterior", "learn_from", "weighted_quantiles"]
