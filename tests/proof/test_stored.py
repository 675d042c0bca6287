"""Proofs of stores: the bound holds for any worth of what is held, and no changed figure passes."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.proof.answer_certificate import certify_answer
from placer.proof.bound import bound_at
from tests.batteries_at_random import random_instance
from tests.batteries_by_hand import powered
from tests.effort import tries
from tests.green_batteries import random_green, wind_by_day

GAP = 1e-9


@pytest.fixture(scope="module")
def honest():
    """Return placements of random instances with batteries."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", placer.InputWarning)
        return [placer.solve(random_instance(np.random.default_rng(seed))) for seed in range(tries(10, 40))]


def certify(placement, **changes):
    """Certify the answer of a placement with some of its flows or duals changed."""
    answer = placement.answer
    flows = {name: value for name, value in changes.items() if hasattr(answer.flows, name)}
    duals = {name: value for name, value in changes.items() if hasattr(answer.duals, name)}
    changed = replace(answer, flows=replace(answer.flows, **flows), duals=replace(answer.duals, **duals))
    return certify_answer(placement.formulation.structure, changed, gap=GAP)


def test_the_bound_by_hand():
    """Tests 880 at the worth of 20 USD of a MWh held, and at any worth up to 100; less at 110, whose charging loses."""
    placement = placer.solve(powered(battery={}))
    structure, duals = placement.formulation.structure, placement.answer.duals

    def bound(worth):
        return bound_at(structure, replace(duals, stored=np.full((1, 2), worth)))

    assert [bound(worth) for worth in (20.0, 60.0, 100.0)] == pytest.approx([880, 880, 880])
    # At 110 hour 0 earns 90 and hour 1 earns 10 a MWh of power, 4 MWh each.
    assert bound(110.0) == pytest.approx(1200 - 4 * 90 - 4 * 10)


def test_the_bound_with_wear_by_hand():
    """Tests 5 USD for each of the 4 MWh that are charged at 20 and discharged at 100."""
    placement = placer.solve(powered(battery={"usd_per_mwh_throughput": 5.0}))
    structure, duals = placement.formulation.structure, placement.answer.duals
    bound = bound_at(structure, replace(duals, stored=np.full((1, 2), 60.0)))
    assert bound == pytest.approx(10 * 20 + 10 * 100 - 4 * (100 - 20 - 5))


def test_the_bound_of_a_rent_of_a_zone_by_hand():
    """Tests a rent of 7 USD in hour 0: 10 Mtok at 13 and at 100 USD, less 4 MWh that are charged and discharged so."""
    placement = placer.solve(powered(battery={}, at="Z"))
    structure, duals = placement.formulation.structure, placement.answer.duals
    rent = replace(duals, source=np.array([[7.0, 0.0]]), stored=np.full((1, 2), 60.0))
    assert bound_at(structure, rent) == pytest.approx(10 * 13 + 10 * 100 - 4 * (100 - 13))


def test_a_rent_of_a_zone_below_zero_counts_as_none():
    """Tests that -7 USD in hour 0 prove the 880 of no rent: at 27 USD a MWh they would prove 978, which is too much."""
    placement = placer.solve(powered(battery={}, at="Z"))
    structure, duals = placement.formulation.structure, placement.answer.duals
    wrong = replace(duals, source=np.array([[-7.0, 0.0]]), stored=np.full((1, 2), 60.0))
    assert bound_at(structure, wrong) == pytest.approx(880)


@pytest.mark.slow
def test_the_bound_holds_for_any_worth(honest):
    """Tests that random worths of what is held, and rents of zones, prove no more than the least cost."""
    random = np.random.default_rng(5)
    for placement in honest:
        structure, duals = placement.formulation.structure, placement.answer.duals
        for _ in range(5):
            stored = duals.stored + random.normal(0, 30, duals.stored.shape)
            source = duals.source * random.uniform(0, 2, duals.source.shape)
            bound = bound_at(structure, replace(duals, stored=stored, source=source))
            assert bound <= placement.certificate.objective + 1e-9 * abs(placement.certificate.objective)


@pytest.mark.parametrize("family", ["charged", "discharged", "content"])
@pytest.mark.parametrize("change", [lambda value: 1.01 * value, lambda value: 0.99 * value, lambda value: -value])
def test_a_changed_amount_is_refused(honest, family, change):
    """Tests that no answer passes with the largest amount of a kind changed."""
    for placement in honest:
        flows = getattr(placement.answer.flows, family).copy()
        place = np.unravel_index(flows.argmax(), flows.shape)
        if flows[place] > 0.1:
            flows[place] = change(flows[place])
            assert not certify(placement, **{family: flows}).proven


@pytest.mark.parametrize("family", ["stored", "power", "source"])
@pytest.mark.parametrize("change", [lambda value: 1.01 * value, lambda value: -value])
def test_changed_duals_are_refused(honest, family, change):
    """Tests that no answer passes with all duals of a kind changed where batteries earn by them."""
    tried = 0
    for placement in honest:
        duals = getattr(placement.answer.duals, family)
        size = np.abs(duals).sum()
        if size > 1 and placement.settlement["storage_rent"] > 1e-2 * abs(placement.certificate.objective):
            certificate = certify(placement, **{family: change(duals)})
            tried += not certificate.proven
            assert certificate.bound <= placement.certificate.objective + 1e-9 * abs(placement.certificate.objective)
    assert tried


def test_each_figure_finds_its_error():
    """Tests that contents beyond the energy, power, contents that do not follow, and zones that sell are infeasible."""
    placement = placer.solve(powered(battery={}, at="Z"))
    four, nothing = np.array([[4.0, 0.0]]), np.array([[0.0, 0.0]])
    assert certify(placement).proven
    assert not certify(placement, content=np.array([[5.0, 1.0]])).feasible
    assert not certify(placement, content=nothing).feasible
    assert not certify(placement, charged=2 * four, discharged=2 * four[:, ::-1], content=2 * four).feasible
    assert not certify(placement, charged=nothing, discharged=nothing).feasible
    sold = np.array([[24.0, 0.0]])
    assert not certify(placement, discharged=sold, charged=sold).feasible


@pytest.mark.parametrize(("content", "apart"), [(5.0, 1.0), (-2.0, 6.0)])
def test_how_infeasible_a_content_is_by_hand(content, apart):
    """Tests that a wrong figure for the 4 MWh held at the end of hour 0 violates two rows by its error.

    The row of hour 1 is the larger violation, since nothing is held at its end: the error over the typical 10 MWh.
    """
    placement = placer.solve(powered(battery={}))
    certificate = certify(placement, content=np.array([[content, 0.0]]))
    assert certificate.primal_infeasibility == pytest.approx(apart / 10)


def test_how_infeasible_amounts_of_a_battery_are_by_hand():
    """Tests that what is discharged takes power, and that a zone with a battery sells nothing: 8 of 4 and 2 MWh.

    In the first case 4 MWh are charged and 8 discharged in hour 1, so that its content follows. In the second case the
    battery discharges 12 MWh where the zone supplies 10. Each violates one row, over the typical 10 MWh and the side.
    """
    certificate = certify(
        placer.solve(powered(battery={}, at="Z")), charged=np.array([[4.0, 4.0]]), discharged=np.array([[0.0, 8.0]])
    )
    assert certificate.primal_infeasibility == pytest.approx(8 / (10 + 4))
    hour = {"charged": [12.0, 0.0], "discharged": [0.0, 12.0], "content": [12.0, 0.0]}
    large = placer.solve(powered(battery={"power_mw": 20.0, "energy_mwh": 20.0}, at="Z"))
    certificate = certify(large, **{family: np.array([amounts]) for family, amounts in hour.items()})
    assert certificate.primal_infeasibility == pytest.approx(2 / 10)


def test_how_infeasible_a_price_of_discharging_is_by_hand():
    """Tests that a rent of power of 30 USD lacks 10 where a MWh held at 60 sells at 100, over the typical 60 and 60."""
    placement = placer.solve(powered(battery={}))
    held = np.full((1, 2), 60.0)
    for rent, lacking in ((40.0, 0.0), (30.0, 10.0)):
        certificate = certify(placement, stored=held, power=np.array([[40.0, rent]]))
        assert certificate.dual_infeasibility == pytest.approx(lacking / (60 + 60))


def test_rents_below_zero_are_refused():
    """Tests that rents of power and of zones below 0 are no dual feasible point."""
    placement = placer.solve(powered(battery={}, at="Z"))
    for family in ("power", "source"):
        wrong = getattr(placement.answer.duals, family) - 1.0
        assert certify(placement, **{family: wrong}).dual_infeasibility > 1e-3


@pytest.mark.parametrize("family", ["stored", "power", "source"])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_dual_too_large_to_be_one_is_refused(family, sign):
    """Tests that a dual of a store of more than 1e15 times the typical price of supply, 60 USD, cannot be read."""
    placement = placer.solve(powered(battery={}, at="Z"))
    shape = getattr(placement.answer.duals, family).shape
    for dual, readable in ((60e15, True), (61e15, False)):
        certificate = certify(placement, **{family: np.full(shape, sign * dual)})
        assert np.isfinite(certificate.primal_infeasibility) == readable


@pytest.fixture(scope="module")
def green():
    """Return placements of random instances whose batteries have green and grey contents."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", placer.InputWarning)
        found = [placer.solve(random_green(np.random.default_rng(seed))) for seed in range(tries(10, 40))]
    return [placement for placement in found if placement.formulation.structure.stores.bank is not None]


def test_the_bound_of_contents_by_hand():
    """Tests that contents of one worth earn once what one of them earns, of power and of energy.

    At a price of supply of 50 USD the 20 MWh of work pay 1,000. 20 MW earn 0.8 x 70 - 50 = 6 in hour 1, and 5 MWh held
    from hour 0 earn 20 each.
    """
    placement = placer.solve(wind_by_day(battery={"energy_mwh": 5.0}))
    structure, duals = placement.formulation.structure, placement.answer.duals
    held = replace(
        duals, balance=np.full((1, 2), 50.0), cap=np.zeros_like(duals.cap), stored=np.array([[50.0, 70.0]] * 2)
    )
    assert bound_at(structure, held) == pytest.approx(1000 - 20 * 6 - 5 * 20)


@pytest.mark.slow
def test_the_bound_holds_for_any_worth_of_contents(green):
    """Tests that contents that share power and energy are bounded by the best of them, at any worth and any rents."""
    random = np.random.default_rng(6)
    for placement in green:
        structure, duals = placement.formulation.structure, placement.answer.duals
        for _ in range(5):
            stored = duals.stored + random.normal(0, 30, duals.stored.shape)
            cap = duals.cap * random.uniform(0, 2, duals.cap.shape)
            bound = bound_at(structure, replace(duals, stored=stored, cap=cap))
            assert bound <= placement.certificate.objective + 1e-9 * abs(placement.certificate.objective)


@pytest.mark.parametrize("family", ["charged", "discharged", "content"])
def test_a_changed_amount_of_a_content_is_refused(green, family):
    """Tests that no answer passes that moves some of one content of a battery to the other."""
    tried = 0
    for placement in green:
        flows, bank = getattr(placement.answer.flows, family).copy(), placement.formulation.structure.stores.bank
        own = np.flatnonzero(~placement.formulation.structure.stores.leads)
        period = flows[own].sum(axis=0).argmax()
        store = own[flows[own, period].argmax()]
        if flows[store, period] > 0.1:
            flows[bank[store], period] += flows[store, period]
            flows[store, period] = 0.0
            assert not certify(placement, **{family: flows}).proven
            tried += 1
    assert tried


def test_contents_share_one_energy():
    """Tests by hand that contents of 8 and 8 MWh do not fit into 12.5, though each does, and that their rent counts."""
    placement = placer.solve(wind_by_day(battery={"energy_mwh": 12.5}))
    assert certify(placement).proven
    content = placement.answer.flows.content.copy()
    content[:, 0] = 8.0
    structure, figure = placement.formulation.structure, certify(placement, content=content)
    assert not figure.feasible
    assert structure.stores.over_banks(content).tolist() == [[16.0, 0.0], [0.0, 0.0]]
    wrong = placement.answer.duals.energy - 1.0
    assert certify(placement, energy=wrong).dual_infeasibility > 1e-3
    assert not certify(placement, energy=placement.answer.duals.energy + 5.0).proven


@pytest.mark.parametrize(("more", "apart"), [([5.0, 0.0], 5 / 22.5), ([-1.0, 6.0], 6 / 22.5)])
def test_how_infeasible_contents_are_by_hand(more, apart):
    """Tests contents that are held all day beside the 12.5 MWh that a battery of 12.5 MWh fills, which is green.

    5 MWh of grey content exceed the energy that both share. If 6 MWh are green and -1 grey, the green content exceeds
    it by more than both together. The typical supply is 10 MWh.
    """
    placement = placer.solve(wind_by_day(battery={"energy_mwh": 12.5}))
    content = placement.answer.flows.content.copy()
    assert content == pytest.approx(np.array([[0.0, 0.0], [12.5, 0.0]]))
    assert certify(placement, content=content + np.array(more)[:, None]).primal_infeasibility == pytest.approx(apart)


def test_a_rent_of_an_energy_too_large_to_be_one_is_refused():
    """Tests that one of more than 1e15 times a price of supply cannot be read, of either sign."""
    placement = placer.solve(wind_by_day())
    for sign in (1, -1):
        energy = np.full(placement.answer.duals.energy.shape, sign * 1e18)
        assert not np.isfinite(certify(placement, energy=energy).primal_infeasibility)
        assert np.isfinite(certify(placement, energy=energy / 1e6).primal_infeasibility)
