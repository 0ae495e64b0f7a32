"""A plan chosen by an optimiser out of many anatomically clear threads: a suggestion for a doctor."""
