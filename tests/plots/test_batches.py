"""Tests of the plots of many demand sets."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from placer.errors import InstanceError

mpl.use("Agg")

from placer import plots


def test_distributions_say_their_unit():
    """Tests that the figure of a batch is written with its unit, and one that no row has is refused."""
    rows = pd.DataFrame({"cost_usd_per_mtok": [1.0, 2.0, 4.0], "export_share": np.nan})
    assert plots.plot_distributions(rows).get_xlabel() == "cost, USD per Mtok"
    for figure in ("export_share", "no such"):
        with pytest.raises(InstanceError, match=r"no row has .* \(allowed: cost_usd_per_mtok\)"):
            plots.plot_distributions(rows, figure=figure)
