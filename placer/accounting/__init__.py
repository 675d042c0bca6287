"""Who earns what: accounts of regions at marginal prices, their stability, and the gains from trade."""
