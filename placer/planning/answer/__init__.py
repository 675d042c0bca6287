"""A plan as planners read it: figures, tables, accounts, ranges, curves, the value of information."""
