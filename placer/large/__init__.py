"""Column generation for large placements, from prices that follow a smoothed dual: begin at ``generation``."""
