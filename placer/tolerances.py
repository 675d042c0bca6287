"""The four tolerances: how far apart two figures may be and count as equal, by why they differ.

| tolerance | value | figures that count as equal |
|---|---|---|
| ``INPUT`` | 1e-9 | two that are equal in exact arithmetic: a deadline and its steps, sums of milliseconds, servers |
| ``SOLVER`` | 1e-9 | a flow, dual or cost of one answer, and its limit or 0: less is rounding of a solver |
| ``PROOF`` | 1e-6 | a cost and its bound, so that it counts as proven; and hence a figure of two proven answers |
| ``DISPLAY`` | 1e-9 | a part of a chart, a table or a sentence, and none: it is not shown |

Each is a share of the size of the figure; milliseconds, hours and shares are compared as they are. A difference that
arithmetic alone makes is smaller, ``placer.utils.arrays.NOISE``. By how much an answer may violate limits and signs is
said by ``placer.proof.certificate.Tolerances``. How exactly a solver works, and the figures at which an algorithm acts,
are parameters: they stand where they are used, with their reasons.
"""

INPUT = 1e-9
SOLVER = 1e-9
PROOF = 1e-6
DISPLAY = 1e-9
