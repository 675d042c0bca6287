"""The live page: the report of an instance on this machine, with its assumptions as controls."""
