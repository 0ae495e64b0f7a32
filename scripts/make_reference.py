"""Writes the generated pages: commands, keys of files, schemas, rules, technique findings, safety trace.

Run by ``make reference``. ``generate`` gives every page as text, so that a test can tell whether all are
current.
"""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel
from typer.core import TyperArgument, TyperOption

from scripts.input_page import make_page as input_page
from scripts.make_technique_table import make_page as technique_page
from scripts.safety_trace import make_trace
from threadlift.care.reference import aftercare_page, triage_page
from threadlift.cli.app import COMMANDS, load_command
from threadlift.cli.schema import ANSWERS, FILES, INPUTS
from threadlift.screening.reference import rules_page

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = "docs/reference"


def generate() -> dict[str, str]:
    """Every generated page but the technique table, by its path from the root."""
    pages = {
        f"{REFERENCE}/commands.md": _commands(),
        f"{REFERENCE}/input-files.md": input_page(INPUTS),
        f"{REFERENCE}/screening-rules.md": rules_page(),
        f"{REFERENCE}/triage-rules.md": triage_page(),
        f"{REFERENCE}/aftercare.md": aftercare_page(),
        "safety/trace.md": make_trace(),
    }
    for folder, models, mode in (("input", INPUTS, "validation"), ("answer", ANSWERS, "serialization")):
        for name, model in models.items():
            pages[f"{REFERENCE}/schemas/{folder}/{name}.json"] = _schema(model, mode)
    for name, model in FILES.items():
        pages[f"{REFERENCE}/schemas/case/{name}.json"] = _schema(model, "serialization")
    return pages


def _schema(model: type[BaseModel], mode: str) -> str:
    schema = model.model_json_schema(mode="validation" if mode == "validation" else "serialization")
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def _commands() -> str:
    lines = [
        "# Commands",
        "",
        "Written by `make reference` from the command line itself; do not edit. Exit codes: 0 done, 1 done",
        "with a finding that stops, 2 unusable input, 70 a fault of ours. JSON Schemas:",
        "[input](schemas/input), [answers of `--json`](schemas/answer), [files of a case](schemas/case).",
    ]
    for name in COMMANDS:
        command = load_command(name)
        lines += ["", f"## threadlift {name}", "", (command.help or "").strip(), ""]
        lines += [_parameter(parameter) for parameter in command.params]
    return "\n".join(lines) + "\n"


def _parameter(parameter: TyperOption | TyperArgument) -> str:
    is_option = isinstance(parameter, TyperOption)
    name = ", ".join(parameter.opts) if is_option else (parameter.name or "").upper()
    required = " (required)" if parameter.required else ""
    return f"- `{name}`{required}: {parameter.help or ''}"


def main() -> None:
    """Write every page."""
    for name, text in {**generate(), f"{REFERENCE}/technique-findings.md": technique_page()}.items():
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
