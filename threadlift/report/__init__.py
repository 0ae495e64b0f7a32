"""The case report: one self-contained page and one PDF, in Vietnamese or English."""

from threadlift.report.page import render_page
from threadlift.report.paper import render_paper
from threadlift.report.view import describe_case
from threadlift.report.write import write_report

__all__ = ["describe_case", "render_page", "render_paper", "write_report"]
