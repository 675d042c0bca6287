"""The tables of answers: their cost, and what each has of every group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from placer.near_optimal.hops import places
from placer.utils.arrays import FloatArray


def answer_names(count: int) -> list[str]:
    """Return the names of the answer of least cost and of those of each hop."""
    return ["least cost", *(f"hop {number}" for number in range(1, count))][:count]


def answers_table(figures: Mapping[str, Sequence[float]]) -> pd.DataFrame:
    """Return one row an answer, given its figures by column."""
    table = pd.DataFrame(dict(figures))
    return table.set_index(pd.Index(answer_names(len(table)), name="answer"))


def amounts_table(
    shown: Sequence[FloatArray], least: FloatArray, most: FloatArray, groups: pd.MultiIndex
) -> pd.DataFrame:
    """Return one row for each answer and group; ``placer.Alternatives.amounts`` documents it."""
    labels = [(name, *label) for name in answer_names(len(shown)) for label in groups]
    index = pd.MultiIndex.from_tuples(labels, names=["answer", *groups.names])
    placed = [places(counts, least, most) for counts in shown]
    return pd.DataFrame({"counted": np.concatenate(shown), "place": np.concatenate(placed)}, index=index)


def spanned(shown: Sequence[FloatArray], least: FloatArray, most: FloatArray) -> FloatArray:
    """Return the part of each range between the answers shown; 1 without a range (groups,)."""
    at = np.array([places(counts, least, most) for counts in shown])
    return np.where(most > least, at.max(axis=0) - at.min(axis=0), 1.0)


def named_groups(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table by kind and group with one name for each, such as ``region west``."""
    names = [f"{kind.replace('_', ' ')} {group}" for kind, group in table.index]
    return table.set_axis(pd.Index(names, name="group"))
