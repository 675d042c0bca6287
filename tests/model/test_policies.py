"""Tests policies between regions: tariffs, premia, quotas and bans, by hand; ``tests/trades`` has demand with steps."""

import pytest

import placer
from placer.model.policies import banned, charges, customs_value
from placer.solvers.highs import HiGHS
from tests.home_and_abroad import home_and_abroad

#: One accelerator-hour a Mtok, no energy.
WORK = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "gb_per_mtok": 1.0}
SOLVERS = pytest.mark.parametrize("solver", [HiGHS(), placer.ColumnGeneration()], ids=["highs", "column generation"])
TARIFF = {"policy": "tariff", "kind": "tariff_usd_per_mtok", "amount": 1.4, "to_region": "home", "paid_to": "importer"}
PREMIUM = {"policy": "premium", "kind": "premium_usd_per_mtok", "amount": 0.75, "from_region": "abroad"}
QUOTA = {"policy": "quota", "kind": "quota_mtok", "amount": 30.0, "from_region": "abroad", "to_region": "home"}


def demanded(mtok, *policies, **settings):
    """Return Mtok of demand at home, which costs 6 USD unserved, beside some policies."""
    workload = {"unserved_usd_per_mtok": 6}
    return home_and_abroad([{"mtok": mtok}], workload=workload, policies=list(policies), **settings)


def figures(placement):
    """Return the price, the imports, cost, transfers and the settlement's line of limits."""
    assert placement.settlement["difference"] == pytest.approx(0.0, abs=1e-9)
    assert placement.settlement["transfers"] == placement.transfers_usd == placement.summary()["transfers_usd"]
    regions = placer.accounts(placement).regions
    assert regions["net_cost_usd"].sum() == pytest.approx(placement.cost_and_penalty_usd)
    assert regions["policy_revenue_usd"].sum() == pytest.approx(placement.transfers_usd)
    price = placement.prices["usd_per_mtok"].iloc[0]
    return price, placement.exported_mtok, placement.cost_usd, placement.transfers_usd


@SOLVERS
def test_free_trade_by_hand(solver):
    """Tests 90 Mtok, all imported at 1 and 0.5."""
    placement = placer.solve(demanded(90.0), solver)
    assert figures(placement) == pytest.approx((1.5, 90.0, 135.0, 0.0))


@SOLVERS
def test_a_tariff_by_hand(solver):
    """Tests a tariff of 1.4 at 62 Mtok: price 2.9, revenue 86.8 to home, which is no cost."""
    placement = placer.solve(demanded(62.0, TARIFF), solver)
    assert figures(placement) == pytest.approx((2.9, 62.0, 93.0, 86.8))
    assert placement.prices["policy_usd_per_mtok"].tolist() == pytest.approx([1.4])
    assert placement.flows["policy_usd"].tolist() == pytest.approx([86.8])
    assert placement.cost_usd_per_mtok == pytest.approx(1.5)
    assert placement.certificate.objective == pytest.approx(93.0 + 86.8)
    accounts = placer.accounts(placement)
    assert accounts.regions["policy_revenue_usd"].to_dict() == pytest.approx(
        {"home": 86.8, "abroad": 0.0, "network": 0.0, "authority": 0.0}
    )
    assert accounts.trade["home"].to_dict() == pytest.approx(
        {"home": 86.8, "abroad": 62.0, "network": 31.0, "authority": 0.0}
    )
    assert accounts.regions.loc["home", "net_cost_usd"] == pytest.approx(93.0)
    assert "86.80 USD of tariffs and premia" in repr(placement)


def test_home_and_abroad_tie_at_a_tariff_of_1_5():
    """Tests the price at the tie, and that a dearer tariff keeps all that home can make at home."""
    assert placer.solve(demanded(62.0, TARIFF | {"amount": 1.5})).prices["usd_per_mtok"].tolist() == [3.0]
    placement = placer.solve(demanded(62.0, TARIFF | {"amount": 1.6}))
    assert figures(placement) == pytest.approx((3.1, 22.0, 153.0, 35.2))
    assert placement.data_centres.loc["own", "accelerator_rent_usd"] == pytest.approx(0.1)


@SOLVERS
def test_a_quota_by_hand(solver):
    """Tests a quota of 30 at 60 Mtok: price 3, home makes 30, and a rent of 45 that the policy names."""
    placement = placer.solve(demanded(60.0, QUOTA), solver)
    assert figures(placement) == pytest.approx((3.0, 30.0, 135.0, 0.0))
    assert placement.limits.loc[("quota", ""), ["use", "amount", "rent_usd"]].tolist() == pytest.approx([30, 30, 45])
    assert placement.settlement["limits_rent"] == pytest.approx(45.0)
    assert placer.accounts(placement).regions.loc["authority", "limits_rent_usd"] == pytest.approx(45.0)
    assert placement.prices["limits_rent_usd_per_mtok"].tolist() == pytest.approx([0.75])  # of every second Mtok


@pytest.mark.slow
@SOLVERS
def test_a_premium_by_hand(solver):
    """Tests a premium of 0.75 at 75 Mtok: price 2.25, and 56.25 that importer or exporter is paid, or nobody."""
    for party, to in (("home", "importer"), ("abroad", "exporter")):
        placement = placer.solve(demanded(75.0, PREMIUM | {"paid_to": to}), solver)
        assert figures(placement) == pytest.approx((2.25, 75.0, 112.5, 56.25))
        assert placer.accounts(placement).regions.loc[party, "policy_revenue_usd"] == pytest.approx(56.25)
    placement = placer.solve(demanded(75.0, PREMIUM), solver)
    assert figures(placement) == pytest.approx((2.25, 75.0, 168.75, 0.0))
    assert placement.cost_parts_usd["surcharges"] == pytest.approx(56.25)
    assert placement.prices["surcharges_usd_per_mtok"].tolist() == pytest.approx([0.75])
    assert placer.accounts(placement).regions.loc["authority", "surcharges_usd"] == pytest.approx(56.25)


def test_a_ban_by_hand():
    """Tests that home makes 40 of 62, and that a ban on another workload changes nothing."""
    ban = {"policy": "ban", "kind": "ban", "from_region": "abroad"}
    placement = placer.solve(demanded(62.0, ban))
    assert (placement.exported_mtok, placement.unserved_mtok) == pytest.approx((0.0, 22.0))
    assert placement.unserved_reasons.index.tolist() == [("accelerators", "own")]
    tables = dict(demanded(62.0).tables)
    tables["workloads"] = [WORK, WORK | {"workload": "v"}]
    other = placer.Instance.from_tables(tables | {"policies": [ban | {"workload": "v"}]})
    assert placer.solve(other).exported_mtok == pytest.approx(62.0)


def test_a_ban_is_the_reason_where_nothing_else_is_in_time(make_instance):
    """Tests demand whose only data centre in time is banned, beside one without a route, and one that is late."""
    instance = make_instance(
        hubs=[{"hub": "A", "region": "east"}],
        data_centres=[{"data_centre": name, "region": "west" if name == "X" else "east"} for name in "XYZ"],
        links=[{"from": "A", "to": "X", "rtt_ms": 10.0}, {"from": "A", "to": "Z", "rtt_ms": 90.0}],
        supplies=[],
        workloads=[WORK | {"latency_slo_ms": 50.0}],
        demand=[{"workload": "w", "hub": "A", "mtok": 2.0}],
        policies=[{"policy": "ban", "kind": "ban", "from_region": "west"}],
    )
    placement = placer.solve(instance)
    assert placement.unserved_mtok == 2.0
    assert placement.unserved_reasons.index.tolist() == [("ban", "w")]
    assert "bans, which close all data centres in time for w" in repr(placement)
    assert banned(instance).tolist() == [[[True, False, False]]]
    assert placer.explain(placement).table["limit"].tolist() == ["latency"]  # of w, for Z


def test_a_share_is_of_accelerators_and_list_prices(make_instance):
    """Tests customs values by hand: two hours that count 1 and 3 times, two zones, and accelerators that are sunk.

    X: 2 accelerator-hours at 3 and 5 USD, mean 4.5; 0.5 MWh at pue 1.2 and a mean list price of 40 and 20, mean 25.
    """
    instance = make_instance(
        hubs=[{"hub": "A", "region": "east"}],
        data_centres=[
            {"data_centre": "X", "region": "west", "speed": 0.5, "pue": 1.2, "accelerator_usd_per_hour": (3.0, 5.0)},
            {"data_centre": "Y", "region": "east"},
        ],
        links=[{"from": "A", "to": name, "rtt_ms": 1.0} for name in "XY"],
        power_zones=[
            {"power_zone": "one", "usd_per_mwh": (50.0, 40.0), "carbon_kg_per_mwh": 9.0},
            {"power_zone": "two", "usd_per_mwh": (30.0, -10.0)},
        ],
        supplies=[
            {"power_zone": zone, "data_centre": "X", "loss": 0.1, "usd_per_mwh_adder": adder}
            for zone, adder in (("one", 0.0), ("one", 9.0), ("two", 0.0))
        ],
        workloads=[{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 500.0}],
        demand=[{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0} for hour in (0, 1)],
        periods=[{"hour": 0, "weight": 1.0}, {"hour": 1, "weight": 3.0}],
        policies=[{"policy": "t", "kind": "tariff_share", "amount": 0.1, "to_region": "east", "paid_to": "exporter"}],
        carbon_usd_per_kg=2.0,
        accelerators="sunk",
    )
    value = 2 * 4.5 + 1.2 * 0.5 * 25.0
    assert customs_value(instance).tolist() == [pytest.approx([value, 0.0])]
    assert charges(instance)["exporter"].tolist() == [[pytest.approx([0.1 * value, 0.0])]]
    assert not charges(instance)["importer"].any()
    assert not charges(instance)[None].any()


def test_a_narrower_quota_beside_a_tariff_may_lower_the_cost():
    """Tests a known answer: a tariff of 1 on the cheapest exporter moves 10 Mtok to one that costs 1.5 instead of 1.

    A quota of 4 on the second brings 6 back: cost 4 * 1.5 + 6 * 1 = 12 instead of 15, and a revenue of 6.
    """
    tables = {
        "hubs": [{"hub": "H", "region": "home"}],
        "data_centres": [
            {"data_centre": name, "region": name, "accelerator_usd_per_hour": usd}
            for name, usd in (("a", 1), ("b", 1.5))
        ],
        "links": [{"from": "H", "to": name, "rtt_ms": 1.0} for name in "ab"],
        "workloads": [WORK | {"unserved_usd_per_mtok": 6.0}],
        "demand": [{"workload": "w", "hub": "H", "mtok": 10.0}],
    }
    tariff, quota = TARIFF | {"amount": 1.0, "from_region": "a"}, QUOTA | {"amount": 4.0, "from_region": "b"}
    wide = placer.solve(placer.Instance.from_tables(tables | {"policies": [tariff]}))
    narrow = placer.solve(placer.Instance.from_tables(tables | {"policies": [tariff, quota]}))
    assert figures(wide) == pytest.approx((1.5, 10.0, 15.0, 0.0))
    assert figures(narrow) == pytest.approx((2.0, 10.0, 12.0, 6.0))


def test_a_bloc_trades_freely_inside_and_charges_add_up():
    """Tests that an empty side is every region outside of the bloc, and that policies on the same tokens add up."""
    instance = placer.Instance.from_tables(
        {
            "hubs": [{"hub": f"H{region}", "region": region} for region in ("a", "b", "c")] + [{"hub": "N"}],
            "data_centres": [{"data_centre": f"D{region}", "region": region} for region in ("a", "b", "c")],
            "links": [{"from": f"H{h}", "to": f"D{d}", "rtt_ms": 1.0} for h in "abc" for d in "abc"]
            + [{"from": "N", "to": "Da", "rtt_ms": 1.0}],
            "workloads": [WORK],
            "demand": [{"workload": "w", "hub": "Ha", "mtok": 1.0}],
            "policies": [
                TARIFF | {"policy": "bloc", "amount": 1.0, "to_region": "a|b"},
                TARIFF | {"policy": "each", "amount": 0.25, "to_region": "a|b", "from_region": "a|b|c"},
                TARIFF | {"policy": "all", "amount": 0.125, "to_region": None},
            ],
        }
    )
    usd = [[0, 0.375, 1.375], [0.375, 0, 1.375], [0.125, 0.125, 0], [0, 0, 0]]
    assert charges(instance)["importer"].tolist() == [usd]


def test_a_backlog_was_sent_before_the_policies(make_instance):
    """Tests that work that waits at X pays no tariff, takes no quota and is not banned."""
    late = WORK | {"workload": "late", "deadline_hours": 2.0, "value_usd_per_mtok": 10.0}
    instance = make_instance(
        hubs=[{"hub": "A", "region": "east"}],
        data_centres=[{"data_centre": "X", "region": "west"}],
        links=[{"from": "A", "to": "X", "rtt_ms": 10.0}],
        supplies=[],
        workloads=[late],
        demand=[{"workload": "late", "hub": "A", "hour": 0, "mtok": 2.0}],
        policies=[
            TARIFF | {"to_region": "east", "amount": 0.5},
            {"policy": "quota", "kind": "quota_mtok", "amount": 2.0},
        ],
    ).with_backlog([{"workload": "late", "data_centre": "X", "hours_left": 0, "mtok": 3.0}])
    placement = placer.solve(instance)
    assert placement.unserved_mtok == placement.backlog_unserved_mtok == 0.0
    assert placement.transfers_usd == pytest.approx(2 * 0.5)
    assert placement.limits.loc[("quota", ""), "use"] == pytest.approx(2.0)


def test_surcharges_are_premia_that_nobody_is_paid():
    """Tests the deprecated table against the policy in its place."""
    charged = demanded(75.0).replace(surcharges=[{"hub_region": "home", "region": "abroad", "usd_per_mtok": 0.75}])
    one, other = placer.solve(charged), placer.solve(demanded(75.0, PREMIUM))
    assert one.cost_parts_usd == other.cost_parts_usd
    assert one.prices.equals(other.prices)
