"""What placer costs beside what it is compared with; see ``benchmarks/README.md``."""
