"""The parts of a report, one module each: they turn results into blocks and add nothing of their own."""
