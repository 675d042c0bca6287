"""Own rows and own columns on the program of an instance: limits beyond the tables, fixed costs, on-off decisions."""
