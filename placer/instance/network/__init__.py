"""Routes over the network, and those that no optimum needs."""
