"""The sweep along the limits that finds every corner of a ceiling curve.

A plain sweep has the same corners: one program for each part, run at every limit where an arc gains
(``benchmarks/plain_sweep.py``, which also checks the walk). It takes 4.5 times the processor time on the curve of
``china`` by round trip, and 1.8 to 4.1 times on families of instances (``python -m benchmarks.test_plain_sweep``).

Most demand moves whole, to an arc that takes nothing of a row with a price. The walk moves it without a run
(``climb``, ``filling``) and keeps it out of the program (the keys of ``program``), so that its runs are fewer and its
programs smaller. Blocks, prices and proofs are what a plain sweep needs too.
"""
