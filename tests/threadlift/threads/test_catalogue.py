"""The thread catalogue and the judgement of a thread for a market."""

from __future__ import annotations

import pytest

from threadlift.errors import InputError
from threadlift.finding import Severity
from threadlift.threads import load_catalogue

CATALOGUE = load_catalogue()
KINDS = tuple(CATALOGUE.kinds)


def severities(kind: str, market: str, **more: str) -> dict[str, Severity]:
    return {finding.rule: finding.severity for finding in CATALOGUE.judge(kind, market, **more)}


@pytest.mark.parametrize("kind_id", KINDS)
@pytest.mark.parametrize("market", ["VN", "US", "EU", "KR", "FR", "other"])
def test_every_thread_is_judged_in_every_market_and_never_waved_through(kind_id: str, market: str) -> None:
    findings = CATALOGUE.judge(kind_id, market)
    assert findings
    assert any(finding.severity is not Severity.NOTE for finding in findings)


@pytest.mark.parametrize("kind_id", KINDS)
def test_only_absorbable_uncoated_threads_pass_without_a_stop(kind_id: str) -> None:
    stopped = any(finding.severity is Severity.STOP for finding in CATALOGUE.judge(kind_id, "VN"))
    assert stopped is not CATALOGUE.is_absorbable(kind_id)


@pytest.mark.parametrize("kind_id", ["pp_cog_2_0", "pp_cone", "nylon_mono", "gold_mono"])
def test_a_thread_that_stays_for_life_is_stopped_even_where_it_was_cleared(kind_id: str) -> None:
    assert severities(kind_id, "US")["thread_not_absorbable"] is Severity.STOP


def test_a_gold_coating_on_an_absorbable_core_is_stopped() -> None:
    assert severities("pdo_mono_gold", "VN")["thread_coating_not_absorbable"] is Severity.STOP


def test_a_thread_of_unknown_material_is_stopped() -> None:
    assert severities("unknown", "US") == {"thread_material_unknown": Severity.STOP}


def test_pdo_in_the_united_states_depends_on_the_label() -> None:
    (finding,) = CATALOGUE.judge("pdo_cog_moulded_2_0", "US")
    assert (finding.rule, finding.severity) == ("thread_label_decides", Severity.CAUTION)
    assert "MINT" in finding.what.en and "PDO MAXX" in finding.what.en
    assert "k190245" in finding.sources


def test_pcl_has_no_lifting_clearance_that_was_found() -> None:
    assert severities("pcl_cog_moulded_2_0", "US") == {"thread_no_lifting_clearance_found": Severity.CAUTION}


def test_a_market_about_which_nothing_is_known_is_a_caution() -> None:
    assert severities("pdo_cog_moulded_2_0", "VN") == {"thread_market_unknown": Severity.CAUTION}
    assert severities("pdo_cog_moulded_2_0", "FR") == {"thread_market_unknown": Severity.CAUTION}


def test_a_named_device_cleared_for_lifting_is_a_note_in_its_region_only() -> None:
    device = {"device_id": "us_mint"}
    assert severities("pdo_cog_moulded_2_0", "US", **device, area="midface") == {
        "thread_cleared_for_lifting": Severity.NOTE
    }
    assert severities("pdo_cog_moulded_2_0", "US", **device, area="jowl") == {
        "thread_off_label_region": Severity.CAUTION
    }


def test_a_clearance_of_another_country_does_not_count() -> None:
    found = severities("pdo_cog_moulded_2_0", "VN", device_id="us_mint")
    assert found == {"thread_market_unknown": Severity.CAUTION}


def test_a_device_cleared_for_approximation_is_off_label() -> None:
    found = severities("pdo_cog_moulded_2_0", "US", device_id="us_pdo_maxx")
    assert found == {"thread_not_cleared_for_lifting": Severity.CAUTION}


def test_a_withdrawn_device_is_stopped() -> None:
    found = severities("pp_cog_2_0", "US", device_id="us_contour")
    assert found["thread_withdrawn"] is Severity.STOP


@pytest.mark.parametrize("market", ["", "vn", "VNM", "V1", "ÜS"])
def test_a_malformed_market_is_refused(market: str) -> None:
    with pytest.raises(InputError, match="two-letter"):
        CATALOGUE.judge("pdo_mono", market)


def test_an_unknown_thread_names_near_ones() -> None:
    with pytest.raises(InputError, match="pdo_cog_moulded_2_0"):
        CATALOGUE.kind("pdo_cog_molded_2_0")
    with pytest.raises(InputError, match="Known:"):
        CATALOGUE.kind("zzzz")
    with pytest.raises(InputError, match="plcl"):
        CATALOGUE.material("plc")


def test_a_device_of_another_make_or_name_is_refused() -> None:
    with pytest.raises(InputError, match="us_mint"):
        CATALOGUE.judge("pdo_mono", "US", device_id="us_mnt")
    with pytest.raises(InputError, match="is not a"):
        CATALOGUE.judge("plga_cone_8", "US", device_id="us_mint")


@pytest.mark.parametrize("kind_id", KINDS)
def test_smooth_threads_never_lift_and_barbed_ones_carry_what_a_prediction_needs(kind_id: str) -> None:
    kind = CATALOGUE.kind(kind_id)
    assert kind.can_lift == (kind.form in ("cog", "cone"))
    if kind.can_lift:
        assert kind.holding_force_n is not None and kind.breaking_force_n is not None
        assert kind.holding_force_n[0] + 2 * kind.holding_force_n[1] < kind.breaking_force_n
        assert kind.barbed_front_mm > 0 and kind.barb_count > 0 and kind.lengths_mm
        assert (kind.axial_stiffness_n or 0) > 0


def test_cut_barbs_cost_strength_and_moulded_ones_do_not() -> None:
    cut, moulded = CATALOGUE.kind("pdo_cog_cut_2_0"), CATALOGUE.kind("pdo_cog_moulded_2_0")
    assert cut.diameter_mm == moulded.diameter_mm
    assert (cut.breaking_force_n or 0) < (moulded.breaking_force_n or 0)


@pytest.mark.parametrize(
    ("path_mm", "expected"), [(99.9, 100.0), (100.0, 100.0), (100.1, 150.0), (160.1, None)]
)
def test_the_shortest_thread_that_reaches_is_chosen(path_mm: float, expected: float | None) -> None:
    assert CATALOGUE.kind("pdo_cog_moulded_2_0").length_for(path_mm) == expected


def test_kinds_are_found_by_material_form_and_effect() -> None:
    found = CATALOGUE.find_kinds(material="pdo", can_lift=True, form="cog")
    assert {kind.id for kind in found} >= {"pdo_cog_cut_2_0", "pdo_cog_moulded_0"}
    assert all(kind.material == "pdo" and kind.can_lift for kind in found)


def test_axial_stiffness_is_modulus_times_section() -> None:
    assert CATALOGUE.kind("pdo_cog_moulded_2_0").axial_stiffness_n == pytest.approx(115.8, abs=0.1)
    assert CATALOGUE.kind("unknown").axial_stiffness_n is None
