"""Plans: what to build, over all states of demand and network at once."""
