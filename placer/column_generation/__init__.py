"""Column generation: prices from a smoothed dual, a small master, every column priced exactly."""
