"""Tests who pays for headroom and who is paid for it: three sites by hand, and random instances."""

import matplotlib as mpl
import pytest

import placer
from placer.accounting.headroom import headroom_of


@pytest.fixture(scope="module")
def three_sites(make_three_sites):
    """Return the three sites with one hub in the north."""
    return make_three_sites(1)


@pytest.fixture(scope="module")
def secure(three_sites):
    """Return its placement that survives the loss of any one site."""
    return placer.solve(three_sites, security=placer.Security("data_centres"))


def test_headroom_by_hand(secure):
    """Tests 40 x 6 + 80 x 5 = 640 = 555 + 85 x 1.

    If W is lost, 80 of chat and 5 of voice need B, whose 85 units have a rent of 1. The south earns these 85, beside 25
    for voice. Users of the north pay 640, the sites get 210, 25 + 85 and 320: net 640, -85 and 0, which is 555.
    """
    table = placer.accounts(secure).regions
    assert table["spent_usd"].tolist() == pytest.approx([640.0, 0.0, 0.0, 0.0, 0.0])
    assert table["security_usd"].tolist() == pytest.approx([85.0, 0.0, 0.0, 0.0, 0.0])
    assert table["made_usd"].tolist() == pytest.approx([210.0, 110.0, 320.0, 0.0, 0.0])
    assert table["security_rent_usd"].tolist() == pytest.approx([0.0, 85.0, 0.0, 0.0, 0.0])
    assert table["net_cost_usd"].tolist() == pytest.approx([640.0, -85.0, 0.0, 0.0, 0.0])
    assert table["net_cost_usd"].sum() == pytest.approx(555.0)


def test_each_work_pays_for_its_own_headroom(secure):
    """Tests that chat pays 80 for its backup at B, voice at B pays 5 to stay, and voice at A nothing."""
    accounts = placer.accounts(secure)
    paid = headroom_of(secure, accounts.groups).paid
    klass = secure.formulation.structure.arc_class[secure.accounts.arc]
    assert sorted(paid[klass == 0]) == pytest.approx([0.0, 5.0])
    assert paid[klass == 1] == pytest.approx([80.0])
    assert accounts.trade.loc["south", "north"] == pytest.approx(110.0)
    assert accounts.chain.loc["south", ["accelerators", "security_rent"]].tolist() == pytest.approx(
        [25 / 110, 85 / 110]
    )


def test_the_owner_of_accelerators_gets_the_rent_of_their_headroom(three_sites):
    """Tests B in the hands of the west: it gets the 25 for voice and the 85 of the headroom."""
    centres = three_sites.data_centres.assign(owner=["north", "west", "west"])
    owned = placer.solve(three_sites.replace(data_centres=centres), security=placer.Security("data_centres"))
    table = placer.accounts(owned).regions
    assert table.loc["west", "security_rent_usd"] == pytest.approx(85.0)
    assert table["net_cost_usd"].tolist() == pytest.approx([640.0, 0.0, -85.0, 0.0, 0.0])


def test_no_contingency_binds_where_there_is_room(three_sites):
    """Tests 200 units at B: security is free, and the accounts are those without it."""
    centres = three_sites.data_centres.assign(accelerators=[45.0, 200.0, 90.0])
    instance = three_sites.replace(data_centres=centres)
    free = placer.accounts(placer.solve(instance, security=placer.Security("data_centres"))).regions
    assert free["security_usd"].tolist() == [0.0] * 5
    without = placer.accounts(placer.solve(instance)).regions
    assert free[without.columns].sum().to_numpy() == pytest.approx(without.sum().to_numpy(), nan_ok=True)
    assert "security_usd" not in without


def _with_b(three_sites, units):
    """Return the three sites with so many units at B."""
    return three_sites.replace(data_centres=three_sites.data_centres.assign(accelerators=[45.0, units, 90.0]))


def test_stranded_work_by_hand(three_sites):
    """Tests a B of 60: without W, 20 of the 80 of chat strand at a penalty of P that nobody is paid.

    Voice costs 40 x 6 at A. A Mtok of chat costs 4 at W and strands one more: 80 x (4 + P) = 320 + 60 P + 20 P, of
    which B's 60 units earn 60 P. The net costs of north and south are 560 + 60 P and -60 P, which is 560; the 20 P
    count only in what is proven of a region alone.
    """
    short = placer.solve(_with_b(three_sites, 60.0), security=placer.Security("data_centres"))
    accounts, penalty = placer.accounts(short), short.secure.penalty
    table = accounts.regions
    assert short.cost_usd == pytest.approx(560.0)
    assert table["spent_usd"].tolist() == pytest.approx([560.0 + 60 * penalty, 0.0, 0.0, 0.0, 0.0])
    assert table["security_usd"].tolist() == pytest.approx([60 * penalty, 0.0, 0.0, 0.0, 0.0])
    assert table["stranded_usd"].tolist() == pytest.approx([20 * penalty, 0.0, 0.0, 0.0, 0.0])
    assert table["made_usd"].tolist() == pytest.approx([240.0, 60 * penalty, 320.0, 0.0, 0.0])
    assert table["net_cost_usd"].tolist() == pytest.approx([560.0 + 60 * penalty, -60 * penalty, 0.0, 0.0, 0.0])
    assert accounts.cost_usd == pytest.approx(560.0)
    assert accounts.stability.proven_usd == pytest.approx(
        table[["net_cost_usd", "stranded_usd"]].sum(axis=1).tolist()[:3]
    )
    paid = accounts.prices
    assert (paid["usd_per_mtok"] / penalty).tolist() == pytest.approx([6 / penalty, 4 / penalty + 60 / 80])
    assert (paid["usd_per_mtok"] * paid["served_mtok"]).sum() == pytest.approx(table["spent_usd"].sum())
    assert paid["security_usd_per_mtok"].tolist() == pytest.approx([0.0, 0.75 * penalty])
    (said,) = accounts.remarks
    assert said.startswith("work strands in 1 of 3 contingencies, most without W0 (20 Mtok): stranded_usd counts it at")


def test_protecting_what_can_survive(three_sites):
    """Tests a B of 60 that need only keep three quarters of chat: nothing strands, and the accounts hold no penalty.

    Without W 60 of chat need B, which has room for them as long as voice runs at A, at 40 x 6.
    """
    security = placer.Security("data_centres", protected={"voice": 1.0, "chat": 0.75})
    accounts = placer.accounts(placer.solve(_with_b(three_sites, 60.0), security=security))
    assert accounts.regions["stranded_usd"].tolist() == [0.0] * 5
    assert accounts.remarks == ()
    assert accounts.regions["net_cost_usd"].sum() == pytest.approx(560.0)


@pytest.mark.parametrize("seed", [0, 2, 4, 8, 11, 12])
def test_accounts_with_stranded_work_add_up(make_random_instance, seed):
    """Tests random instances in which protected work strands: all sums are those of the settlement."""
    instance = make_random_instance(seed)
    secure = placer.solve(instance, security=placer.Security("data_centres"))
    settled, size = secure.settlement, 1e-9 * (secure.cost_and_penalty_usd + secure.settlement["stranded"])
    assert settled["stranded"] > 0
    table = placer.accounts(secure, "hub").regions
    assert table["stranded_usd"].sum() == pytest.approx(settled["stranded"], abs=size)
    assert table["security_rent_usd"].sum() == pytest.approx(settled["security_rent"], abs=size)
    assert table["spent_usd"].sum() == pytest.approx(settled["payments_served"] - settled["stranded"], abs=size)
    assert table["made_usd"].sum() == pytest.approx(table["spent_usd"].sum(), abs=size)
    assert table["accelerator_rent_usd"].sum() == pytest.approx(settled["accelerator_rent"], abs=size)
    power = settled[["inframarginal_rent", "power_rent"]].sum()
    assert table["power_rent_usd"].sum() == pytest.approx(power, abs=size)
    assert table["net_cost_usd"].sum() == pytest.approx(secure.cost_and_penalty_usd, abs=size)


def test_gains_are_refused(secure):
    with pytest.raises(placer.PlacerError, match="of a secure placement would leave its contingencies out"):
        _ = placer.accounts(secure).gains


@pytest.mark.slow
def test_the_plot_shows_the_rent_of_headroom(secure):
    mpl.use("Agg")
    axis = placer.plots.plot_accounts(placer.accounts(secure))
    assert "security rent" in [text.get_text() for text in axis.get_legend().get_texts()]


@pytest.mark.parametrize(("seed", "share"), [(2, 0.6), (3, 0.6), (8, 0.3)])
def test_accounts_of_secure_placements_add_up(make_random_instance, seed, share):
    """Tests random instances with waiting work and limits of every kind, in which headroom has rents."""
    instance = make_random_instance(seed)
    security = placer.Security("data_centres", protected=dict.fromkeys(instance.workloads["workload"], share))
    secure = placer.solve(instance, security=security)
    settled, size = secure.settlement, 1e-9 * abs(secure.cost_and_penalty_usd)
    assert settled["security_rent"] > 100.0
    table = placer.accounts(secure, "hub").regions
    assert table["net_cost_usd"].sum() == pytest.approx(secure.cost_and_penalty_usd, abs=size)
    assert table["made_usd"].sum() == pytest.approx(table["spent_usd"].sum(), abs=size)
    assert table["security_rent_usd"].sum() == pytest.approx(settled["security_rent"], abs=size)
    assert table["security_usd"].sum() == pytest.approx(settled["security_rent"], abs=size)
    power = settled[["inframarginal_rent", "power_rent"]].sum()
    assert table["power_rent_usd"].sum() == pytest.approx(power, abs=size)
    assert table["accelerator_rent_usd"].sum() == pytest.approx(settled["accelerator_rent"], abs=size)
