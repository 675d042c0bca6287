"""The ends of links on a map."""

from __future__ import annotations

import pandas as pd

from placer.instance.problem import Instance

#: Columns of ``link_ends``: latitude and longitude of each end.
ENDS = ("lat", "lon", "to_lat", "to_lon")


def link_ends(instance: Instance) -> pd.DataFrame:
    """Return the place of both ends of every link, in degrees: ``lat``, ``lon``, ``to_lat``, ``to_lon``; NaN for none.

    Exchanges have no place in the data. Each is drawn at the hub or data centre that is nearest over one link, by round
    trip.

    Examples
    --------
    >>> import placer
    >>> china = placer.load("china")
    >>> link_ends(china)[china.links["to"] == "Beijing exchange"].iloc[0].tolist()
    [39.907, 116.397, 39.907, 116.397]
    """
    named = (instance.hubs.set_index("hub"), instance.data_centres.set_index("data_centre"))
    placed = pd.concat([table[["lat", "lon"]].astype(float) for table in named]).dropna()
    links = instance.links
    both = [links[["from", "to", "rtt_ms"]].set_axis(names, axis=1) for names in (_THERE, _BACK)]
    near = pd.concat(both).sort_values("rtt_ms", kind="stable")
    near = near[near["exchange"].isin(instance.exchanges["exchange"]) & near["node"].isin(placed.index)]
    near = near.drop_duplicates("exchange")
    exchanges = placed.loc[near["node"]].set_axis(near["exchange"])
    places = pd.concat([placed, exchanges])
    ends = [places.reindex(links[end]).reset_index(drop=True) for end in ("from", "to")]
    return pd.concat(ends, axis=1).set_axis(list(ENDS), axis=1)


#: Names of the ends of a link, in the order of the table and in the other.
_THERE, _BACK = ["node", "exchange", "rtt_ms"], ["exchange", "node", "rtt_ms"]
