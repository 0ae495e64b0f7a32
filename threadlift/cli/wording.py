"""Words that several commands print beside texts of the rooms: how grave, how well founded."""

from __future__ import annotations

from threadlift.files import load_data
from threadlift.finding import Severity, Status
from threadlift.language import Language, Text

SEVERITIES: dict[Severity, Text] = {
    Severity.STOP: Text(en="stop", vi="dừng"),
    Severity.CAUTION: Text(en="caution", vi="thận trọng"),
    Severity.NOTE: Text(en="note", vi="ghi chú"),
}


def severity_word(severity: Severity, language: Language) -> str:
    """How much weight a finding has, in one word."""
    return SEVERITIES[severity].in_language(language)


def status_word(status: Status, language: Language) -> str:
    """How well a fact is founded, as screening and every other room say it."""
    words = load_data("threadlift.screening", "wording.toml")["status"]
    return Text.model_validate(words[status.value]).in_language(language)
