"""The smoothed dual and the path of prices along it."""
