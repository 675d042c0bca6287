"""A day as it came: requests routed without looking ahead, beside the least cost of the same day known in advance."""
