"""The market: limits, merit order, service costs, and the pricing of every column."""
