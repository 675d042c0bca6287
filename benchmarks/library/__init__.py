"""The library: named instances with proven optima, and any solver on them.

    python -m benchmarks.library list                        # names, sizes and optima
    python -m benchmarks.library make china fleet-large      # programs and proofs, to the last byte, into library/
    python -m benchmarks.library check tiny china            # by datasets/library/check_optimum.py
    placer bench --library fleet-small --command "cbc {mps} solve solution {solution}" --csv results.csv

``docs/library.md`` says what the instances are, and what each file holds.
"""
