"""What is known, from where, and how surely: sources and the facts and rules that cite them."""

from threadlift.evidence.record import Record, find_records, load_records
from threadlift.evidence.source import Source, load_sources

__all__ = ["Record", "Source", "find_records", "load_records", "load_sources"]
