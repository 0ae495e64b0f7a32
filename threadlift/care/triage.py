"""Triage: from a check-in to one of four levels, with every rule that fired and what to do now.

Nothing lowers a level: rules only add. An answer that is missing, unsure or contradictory is read in the more
serious way, and only signs that the recovery table names as usual on that day may be watched at home.
"""

from __future__ import annotations

import re
import unicodedata

from threadlift.care.checkin import CheckIn, ReportedSymptom
from threadlift.care.level import Level, most_urgent
from threadlift.care.medicine import check_medicines, classes_of, load_medicine_rules, person_facts
from threadlift.care.situation import Situation, Truth, possible_hours
from threadlift.care.symptom import SEVERITIES, load_symptoms
from threadlift.care.triage_answer import Fired, Numbers, TriageAnswer, compose_answer
from threadlift.care.triage_rule import TriageRule, is_fever, load_generals, load_triage_rules
from threadlift.language import Text
from threadlift.screening.medicine import plain

# Every day on which some rule or window changes, for a check-in that does not say its day.
ALL_DAYS = (0, 1, 2, 3, 4, 7, 8, 13, 14, 15, 28, 29, 60, 120, 240, 800)


def triage(checkin: CheckIn, *, numbers: Numbers | None = None) -> TriageAnswer:
    """Level of urgency of a check-in, its reasons and its advice.

    Several possible days (none given, or a day that contradicts the dates) give the most urgent reading.
    """
    days = checkin.days() or ALL_DAYS
    readings = [(day, _assess(Situation.on_day(checkin, day))) for day in days]
    day, fired = max(readings, key=lambda reading: most_urgent(*(f.level for f in reading[1])).rank)
    fired = [*fired, *_about_the_check_in(checkin)]
    return compose_answer(checkin, None if days is ALL_DAYS else day, fired, numbers or Numbers())


def _assess(situation: Situation) -> list[Fired]:
    fired = _rules(situation)
    fired += _symptoms_without_rule(situation, fired)
    fired += _worse(situation, fired)
    fired += _hosts(situation, fired)
    fired += _medicines(situation.checkin)
    if all(f.level is Level.SELF_CARE and not f.certain for f in fired):
        fired.append(general("nothing_reported", Level.SELF_CARE, "general"))
    return fired


def _rules(situation: Situation) -> list[Fired]:
    version, rules = load_triage_rules()
    found = []
    for rule in rules:
        truth = situation.holds(rule.when)
        if truth is Truth.NO or (truth is Truth.UNKNOWN and rule.unknown is Level.SELF_CARE):
            continue
        found.append(_fired(rule, version, situation, certain=truth is Truth.YES))
    return found


def _fired(rule: TriageRule, version: str, situation: Situation, *, certain: bool) -> Fired:
    matched = [s for s in situation.present if s.kind in rule.symptoms()]
    return Fired(
        rule=rule.id,
        rule_version=version,
        red_flag=rule.red_flag,
        level=rule.level if certain else rule.unknown,
        certain=certain,
        group=rule.group,
        symptoms=tuple(dict.fromkeys(s.kind for s in matched)),
        sides=tuple(dict.fromkeys(s.side for s in matched)),
        what=rule.what,
        why=rule.why,
        status=rule.status,
        sources=rule.sources,
        reason=rule.reason,
    )


def general(rule_id: str, level: Level, group: str, *, about: str = "", **places: Text | int) -> Fired:
    """A general rule as fired, its places filled."""
    generals = load_generals()
    rule = generals.rules[rule_id]
    return Fired(
        rule=rule.id,
        rule_version=generals.version,
        red_flag=rule.red_flag,
        level=level,
        certain=True,
        group=group,
        symptoms=(about,) if about else (),
        sides=(),
        what=rule.what.fill(**places),
        why=rule.why.fill(**places),
        status=rule.status,
        sources=rule.sources,
        reason=rule.reason,
    )


def _symptoms_without_rule(situation: Situation, fired: list[Fired]) -> list[Fired]:
    covered = {kind for f in fired if f.certain and f.level.rank > 0 for kind in f.symptoms}
    found = []
    for entry in situation.present:
        symptom = load_symptoms()[entry.kind]
        limit = symptom.usual_severity(situation.day)
        over = entry.severity != "unknown" and limit is not None and _over(entry.severity, limit)
        if limit is None or over:
            if entry.kind not in covered and entry.kind != "fever":
                found.append(_about(entry, "not_usual", Level.CALL, situation.day))
            continue
        found.append(_about(entry, "rf_19_expected", Level.SELF_CARE, situation.day))
        unclear = [name for name in ("severity", "trend") if getattr(entry, name) == "unknown"]
        for name in unclear:
            if name == "severity" or not _may_grow(entry, situation.day):
                found.append(_missing(name, symptom.group, symptom.label))
    return found


def _about(entry: ReportedSymptom, rule: str, level: Level, day: int) -> Fired:
    symptom = load_symptoms()[entry.kind]
    return general(rule, level, symptom.group, about=entry.kind, day=day, symptom=symptom.label)


def _over(severity: str, limit: str) -> bool:
    return SEVERITIES.index(severity) > SEVERITIES.index(limit)


def _may_grow(entry: ReportedSymptom, day: int) -> bool:
    """Swelling on both sides and bruising may grow until about 48 hours."""
    both = entry.kind == "bruising" or (entry.kind == "swelling" and entry.side == "both")
    last = load_generals().thresholds["last_day_of_growing"].value
    return both and day <= last and entry.severity in ("mild", "moderate")


def _missing(name: str, group: str, symptom: Text | None = None) -> Fired:
    words = load_generals().missing[name]
    return general(
        "rf_20_unclear", Level.CALL, group, missing=words.fill(symptom=symptom) if symptom else words
    )


def _worse(situation: Situation, fired: list[Fired]) -> list[Fired]:
    """RF-20: what gets worse goes one level up, unless its rule already counts that."""
    counting = {rule.id for rule in load_triage_rules()[1] if rule.counts_worse}
    found = []
    for entry in situation.present:
        if entry.trend != "worse" or _may_grow(entry, situation.day):
            continue
        about = [f for f in fired if f.certain and entry.kind in f.symptoms]
        counted = most_urgent(*(f.level for f in about if f.rule in counting))
        plain = most_urgent(*(f.level for f in about if f.rule not in counting))
        level = most_urgent(plain.one_up(), counted)
        found.append(_about(entry, "rf_20_worse", level, situation.day))
    return found


def _hosts(situation: Situation, fired: list[Fired]) -> list[Fired]:
    """RF-20: one level up for whom infection or bleeding runs faster, once there is any complaint."""
    generals, facts = load_generals(), facts_of(situation.checkin)
    found = []
    for host in (*generals.raises["all_groups"], *generals.raises["bleeding"]):
        everything = host in generals.raises["all_groups"]
        about = [f for f in fired if f.certain and (everything or f.group == "bleeding") and f.symptoms]
        about += [f for f in fired if f.certain and everything and f.group in ("pain", "infection")]
        in_pain = everything and (situation.checkin.pain_0_10 or 0) >= 1
        plain = [f for f in about if f.rule not in ("rf_20_worse", "rf_20_unclear")]
        if host in facts and (plain or in_pain):
            level = most_urgent(*(f.level for f in plain)).one_up()
            found.append(general("rf_20_host", level, "general", host=generals.host[host]))
    return found


def facts_of(checkin: CheckIn) -> frozenset[str]:
    """What is known of the person, from the answers and from the medicines."""
    answers = checkin.patient.model_dump(exclude={"allergies"})
    return person_facts(checkin.medicines, checkin.patient.allergies, answers, checkin.session_date)


def _medicines(checkin: CheckIn) -> list[Fired]:
    version, _ = load_medicine_rules()
    found = {}
    for rule, _medicine in check_medicines(checkin.medicines, facts_of(checkin), checkin.session_date):
        found[rule.id] = Fired(
            rule=rule.id,
            rule_version=version,
            red_flag=None,
            level=rule.level or Level.SELF_CARE,
            certain=True,
            group="medicine",
            symptoms=(),
            sides=(),
            what=rule.what,
            why=rule.why,
            status=rule.status,
            sources=rule.sources,
            reason=rule.reason,
        )
    return list(found.values())


def _about_the_check_in(checkin: CheckIn) -> list[Fired]:
    found = [*_missing_answers(checkin), *_contradictions(checkin)]
    named = [s for s in checkin.symptoms if s.present != "no" and load_symptoms()[s.kind].danger]
    if checkin.danger_signs == "some" and not named:
        found.append(general("danger_not_named", Level.EMERGENCY, "general"))
    if checkin.danger_signs == "unknown":
        found.append(general("danger_unsure", Level.SAME_DAY, "general"))
    if _speaks_of_danger(checkin.free_text):
        found.append(general("words_of_danger", Level.SAME_DAY, "general"))
    if checkin.previous_level and not checkin.is_released:
        found.append(general("earlier_level", checkin.previous_level, "general"))
    return found


def _missing_answers(checkin: CheckIn) -> list[Fired]:
    asked_fever = any(symptom.kind == "fever" for symptom in checkin.symptoms)
    complains = any(symptom.present != "no" for symptom in checkin.symptoms)
    missing = {
        "pain": checkin.pain_0_10 is None,
        "temperature": checkin.temperature_c is None and not asked_fever,
        "danger_signs": checkin.danger_signs is None,
        "medicine": complains and any("unknown" in classes_of(entry) for entry in checkin.medicines),
    }
    found = [_missing(name, "general") for name, is_missing in missing.items() if is_missing]
    if not checkin.days():
        found.append(general("day_not_known", Level.CALL, "general"))
    return found


def _contradictions(checkin: CheckIn) -> list[Fired]:
    present = [s for s in checkin.symptoms if s.present != "no"]
    denied = {s.kind for s in checkin.symptoms if s.present == "no"}
    days = checkin.days()
    hours = checkin.hours_since_anaesthetic
    hot = is_fever(checkin.temperature_c)
    found = {
        "day": len(days) > 1,
        "onset": bool(days) and any((s.onset_day or 0) > max(days) for s in present),
        "hours": hours is not None and any(not a <= hours <= b for a, b in map(possible_hours, days)),
        "symptom": any(s.kind in denied for s in present),
        "fever": hot and "fever" in denied,
        "pain": (checkin.pain_0_10 or 0) >= 1 and "pain" in denied,
        "danger": checkin.danger_signs == "none" and any(load_symptoms()[s.kind].danger for s in present),
    }
    words = load_generals().contradiction
    return [
        general("contradiction", Level.CALL, "general", what=words[name])
        for name, is_found in found.items()
        if is_found
    ]


def _speaks_of_danger(free_text: str) -> bool:
    """Whether own words name a danger sign that is not plainly denied. Only ever used to raise a level."""
    text = unicodedata.normalize("NFC", f" {free_text.lower()}").replace("\u2019", "'")
    bare = plain(text) == text  # typed without accents: Vietnamese words are then compared without them
    words = load_generals().words
    for phrase in words["emergency"]:
        wanted = plain(phrase) if bare else phrase
        if bare and wanted != phrase and " " not in wanted:
            continue  # one short word without its accents means too many things
        ending = r"\w*" if wanted.endswith("*") else r"(?!\w)"
        for found in re.finditer(rf"(?<!\w){re.escape(wanted.rstrip('*'))}{ending}", text):
            if not text[: found.start()].endswith(words["negation"]):
                return True
    return False
