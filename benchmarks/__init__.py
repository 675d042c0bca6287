"""The time and memory of placer beside its peers; see ``benchmarks/README.md``."""
