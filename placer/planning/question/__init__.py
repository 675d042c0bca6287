"""What a plan is asked: candidates, states, limits on builds, risk; and the same as arrays."""
