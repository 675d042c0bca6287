"""The extensive form of a plan between three regions, with steps of demand and policies, written out from the text.

To the program of ``tests.model.trade_by_hand``, once for each state with its weight, come the columns

    z j              units of accelerators built at j
    u k h t s        Mtok of step s that are not bought, or of demand without steps that are unserved

and a row of accelerators at j has z j on its right-hand side. Accelerators are paid for. An annual limit is one row
over the columns of all states, each times the weight of its state. Nothing of placer is used.
"""

import itertools

import numpy as np
from scipy.optimize import linprog

from tests.model.trade_by_hand import HOURS, ByHand, random_policies, random_tables


def random_question(seed):
    """Return tables whose demand has steps, policies, states as factors on amounts with shares, and candidates.

    A candidate is a site, the cost of a unit in an hour, and the most units. All of the demand of ``now`` has two or
    three steps, and in half of the draws all of ``late`` too.
    """
    random, tables = np.random.default_rng(seed + 500), random_tables(seed)
    stepped = ["now", "late"] if random.random() < 0.5 else ["now"]
    demand = []
    for row in tables["demand"]:
        if row["workload"] not in stepped:
            demand.append(row)
            continue
        values = random.uniform(0.5, 12.0, int(random.integers(2, 4))).round(3).tolist()
        demand += [row | {"value_usd_per_mtok": value} for value in values]
    tables["demand"] = demand
    for row in tables["data_centres"]:
        row["accelerators"] *= float(random.choice([0.0, 0.3, 1.0]))
    sites = [row["data_centre"] for row in tables["data_centres"]]
    chosen = random.choice(sites, 3, replace=False).tolist()
    candidates = [(site, float(random.uniform(0.1, 3.0)), float(random.choice([5.0, np.inf]))) for site in chosen]
    states = {"low": (0.6, 0.3), "high": (1.5, 0.7)} if random.random() < 0.5 else {"all": (1.0, 1.0)}
    return tables, random_policies(seed), states, candidates


class PlanByHand(ByHand):
    """The program of a question of ``random_question``."""

    def __init__(self, tables, policies, states, candidates):
        rows = {}
        for row in tables["demand"]:
            rows.setdefault((row["workload"], row["hub"], row["hour"]), []).append(row)
        whole = [each[0] | {"mtok": sum(row["mtok"] for row in each)} for each in rows.values()]
        super().__init__(tables | {"demand": whole}, policies)
        self.steps = [
            (key, row["mtok"], row.get("value_usd_per_mtok", self.work[key[0]]["unserved_usd_per_mtok"]))
            for key, each in rows.items()
            for row in each
        ]
        self.states, self.candidates = states, candidates

    def cost(self, name, hub, site, served):
        """Return what a Mtok costs without its energy, its accelerators, which are paid for, and transfers."""
        paid_for = self._used(name, site) * self.site[site]["accelerator_usd_per_hour"][served]
        return super().cost(name, hub, site, served) - paid_for

    def least(self, annual=()):
        """Return the least yearly cost, and its transfers and the value of what is not bought.

        An annual limit is what a Mtok (workload, hub, site, hour, hour of service) or a MWh bought (site, hour) counts,
        by a function of the column, and an amount.
        """
        bought = list(itertools.product(self.site, HOURS))
        one = len(self.sent) + len(self.steps) + len(bought)
        built = [self.candidates_of(site) for site in self.site]
        count = len(self.candidates)
        cost, transfers, left = np.zeros((3, count + one * len(self.states)))
        bounds = [(0, most) for _, _, most in self.candidates]
        cost[:count] = [8760 * usd for _, usd, _ in self.candidates]
        equal, amounts, most, limits = [], [], [], []
        years = [np.zeros(len(cost)) for _ in annual]
        for number, (factor, share) in enumerate(self.states.values()):
            first, weight = count + one * number, 8760 * share / len(HOURS)
            sent = {key: first + place for place, key in enumerate(self.sent)}
            steps = first + len(sent)
            power = {key: steps + len(self.steps) + place for place, key in enumerate(bought)}
            for (name, hub, site, _, served), place in sent.items():
                cost[place] = weight * self.cost(name, hub, site, served)
                transfers[place] = weight * self.charge(name, hub, site, paid=True)
            for place, (key, _, value) in enumerate(self.steps):
                cost[steps + place] = weight * value
                left[steps + place] = weight * value * (self.work[key[0]]["unserved_usd_per_mtok"] != value)
            bounds += [(0, None)] * len(sent) + [(0, factor * mtok) for _, mtok, _ in self.steps]
            bounds += [(0, None)] * len(bought)
            for key, mtok in self.asked.items():
                row = np.zeros(len(cost))
                row[[place for each, place in sent.items() if (*each[:2], each[3]) == key]] = 1.0
                row[[steps + place for place, each in enumerate(self.steps) if each[0] == key]] = 1.0
                equal.append(row)
                amounts.append(factor * mtok)
            for (site, hour), place in power.items():
                cost[place] = weight * self.energy(site, hour) * 0.96
                here = {key: each for key, each in sent.items() if key[2] == site and key[4] == hour}
                drawn, used = np.zeros((2, len(cost)))
                for key, each in here.items():
                    drawn[each], used[each] = self._drawn(key[0], site), self._used(key[0], site)
                drawn[place] = -0.96
                used[:count] = -built[list(self.site).index(site)]
                equal.append(drawn)
                amounts.append(0.0)
                most.append(used)
                limits.append(self.site[site]["accelerators"])
            for row, (count_of, _) in zip(years, annual, strict=True):
                for key, place in (sent | power).items():
                    row[place] = weight * count_of(*key)
            for row in self.quotas.values():
                counted = np.zeros(len(cost))
                counted[[place for key, place in sent.items() if row in self._of(*key[:3])]] = 1.0
                most.append(counted)
                limits.append(row["amount"])
        most, limits = most + years, limits + [amount for _, amount in annual]
        found = linprog(cost + transfers, most, limits, equal, amounts, bounds, method="highs")
        assert found.status == 0
        return found.fun, float(transfers @ found.x), float(left @ found.x)

    def candidates_of(self, site):
        """Return which candidates add to a site (candidates,)."""
        return np.array([float(target == site) for target, _, _ in self.candidates])
