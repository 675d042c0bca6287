"""Prove the optima that instances of the library state, with numpy alone: ``python check_optimum.py NAME ...``.

NAME.duals.gz has y as lines ``ROW DUAL`` between ``leaf`` and ``end``; or, with whole numbers, the tree of branch and
bound, ``branch COLUMN k``, then the half ``COLUMN <= k``, then ``COLUMN >= k + 1``. In a leaf no point costs less than

    bound = sum_i y_i side_i + sum_j min r_j x_j over l_j <= x_j <= u_j      r = c - A'y, y_i of the sign of its side

Where u_j is missing, r_j must be >= 0, unless a row and the bounds of its other columns imply u_j, as derived here.
Rounding counts, with e = 2^-53: for n terms, r_j and implied bounds are off by up to 2 e (n + 4) times the sum of their
magnitudes, the sum of all products by 4 e times that of theirs. Up to 2,000 entries all is in fractions, and e = 0. The
point, lines ``COLUMN VALUE`` in NAME.point.gz, keeps bounds and whole numbers, rows to 1e-9 (1 + sum_j |a_ij x_j|), and
costs the ``optimum`` of NAME.json to 1e-9. The bound is below the optimum by at most the ``gap``. Both are relative.
"""

import gzip
import hashlib
import io
import json
import math
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np


class _Program:
    def __init__(self, text):
        def entries(mark):
            for column, name, value in iter(fields, [b"RHS"]):
                mark = value == b"'INTORG'" if name == b"'MARKER'" else mark
                if name != b"'MARKER'":
                    yield self.rows[name], self.columns.setdefault(column, len(self.columns)), float(value), mark

        fields, self.columns = map(bytes.split, io.BytesIO(text)).__next__, {}
        kinds, names = zip(*list(iter(fields, [b"COLUMNS"]))[2:], strict=True)  # after NAME and ROWS
        self.rows = {name: place for place, name in enumerate(names)}  # the objective is row 0, its entries the costs
        table = np.fromiter(entries(mark=False), "i,i,d,?")
        self.whole = np.bincount(table["f1"], table["f3"]) > 0
        self.row, self.col, a = (table[name][table["f2"] != 0] for name in ("f0", "f1", "f2"))
        side, ends = np.zeros(len(names)), np.outer([0.0, np.inf], np.ones(len(self.columns)))
        for _, name, value in iter(fields, [b"BOUNDS"]):
            side[self.rows[name]] = float(value)
        for kind, _, column, value in iter(fields, [b"ENDATA"]):
            ends[{b"LO": 0, b"UP": 1, b"FX": slice(2)}[kind], self.columns[column]] = float(value)
        least = side - np.array([0.0 if kind in b"EG" else np.inf for kind in kinds])
        most = side + np.array([0.0 if kind in b"EL" else np.inf for kind in kinds])
        exact = np.frompyfunc(lambda value: Fraction(value) if abs(value) < np.inf else value, 1, 1)
        self.number, self.sum, self.e = (exact, sum, 0) if len(table) <= 2_000 else (np.array, math.fsum, 2.0**-53)
        self.a, self.lower, self.upper, self.least, self.most = map(self.number, (a, *ends, least, most))

    def added(self, place, size, part):
        total, magnitude = np.zeros((2, size), dtype=part.dtype)
        np.add.at(total, place, part)
        np.add.at(magnitude, place, abs(part))
        return total, magnitude, 2 * self.e * (np.bincount(place, minlength=size) + 4)

    def implied_upper(self):
        upper = self.upper.copy()
        for a, side in 6 * [(self.a, self.most), (-self.a, -self.least)]:  # sum_j a_ij x_j <= side_i
            term = a * np.where(a > 0, self.lower[self.col], upper[self.col])
            total, size, off = self.added(self.row, len(side), term)
            room = side - total + np.where(off == 0, 0, off * (abs(side) + size))
            np.minimum.at(upper, self.col, np.where(a > 0, (room[self.row] + term) / a, np.inf))
        return upper

    def bound(self, duals, lower, upper):
        y, branch = self.number(np.zeros(len(self.rows))), next(duals)[1:]
        if branch:
            j, k, least, most = self.columns[branch[0]], int(branch[1]), lower.copy(), upper.copy()
            least[j], most[j] = k + 1, k
            return min(self.bound(duals, lower, most), self.bound(duals, least, upper)) if self.whole[j] else -np.inf
        for row, dual in iter(duals.__next__, [b"end"]):
            y[self.rows[row]] = self.number(float(dual))
        r, size, off = self.added(self.col, len(lower), self.a * np.append(1, -y[1:])[self.row])
        ends = [np.where(r == 0, 0, r * end) for r in (r - off * size, r + off * size) for end in (lower, upper)]
        terms = np.append(np.where(y == 0, 0, y * np.where(y > 0, self.least, self.most)), np.minimum.reduce(ends))
        return self.sum(terms) - 4 * self.e * self.sum(abs(terms)) if (terms > -np.inf).all() else -np.inf


@np.errstate(invalid="ignore")
def check(name):
    """Print what is proven of an instance, and return whether anything is not as stated."""
    mps, duals, point = (gzip.decompress(Path(f"{name}.{end}.gz").read_bytes()) for end in ("mps", "duals", "point"))
    stated, p = json.loads(Path(f"{name}.json").read_bytes()), _Program(mps)
    bound = p.bound(map(bytes.split, duals.splitlines()), p.lower, p.implied_upper())
    values = {p.columns[column]: float(value) for column, value in map(bytes.split, point.splitlines())}
    x = p.number(np.array([values.get(place, 0.0) for place in range(len(p.lower))]))
    activity, size, _ = p.added(p.row, len(p.rows), p.a * x[p.col])
    rows_kept = np.maximum(p.least - activity, activity - p.most) <= 1e-9 * (1 + size)
    columns_kept = (p.lower <= x) & (x <= p.upper) & ((x % 1 == 0) | ~p.whole)
    off, gap = (float((stated["optimum"] - usd) / (abs(stated["optimum"]) or 1)) for usd in (activity[0], bound))
    same, feasible = hashlib.sha256(mps).hexdigest() == stated["sha256"], bool(rows_kept.all() and columns_kept.all())
    proven = same and feasible and abs(off) <= 1e-9 and -1e-9 <= gap <= stated["gap"]
    print(f"{name}: proven {proven}; hash {same}, feasible {feasible}, cost off by {off:.1e}, bound by {gap:.1e}")
    return not proven


if __name__ == "__main__":
    sys.exit(max(map(check, sys.argv[1:])))
