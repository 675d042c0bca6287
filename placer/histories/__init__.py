"""Real demand: traces of requests, histories of demand by step, and demand sets made from the days of a history.

requests         a trace: one row a request; written, and counted into steps
formats          traces in files: CSV and Parquet, and the formats of Azure, Mooncake and OpenTelemetry
json_lines       traces in JSON lines, read as a stream
prefix_cache     which blocks of a prompt a cache holds
summary          rate, peaks, dispersion and lengths of a trace
coefficients     accelerator-hours and energy of a workload, from the lengths of its requests
history          demand by class and step over whole days
gaps             steps that a history lacks, and the rules that fill them
history_tables   histories in tables and files
around           a history around an instance: its classes mapped to workloads, its days as demand sets
    binding          how the classes, hours and hubs of both are mapped

Nothing that a trace or a table lacks is filled without a rule that the caller names.
"""
