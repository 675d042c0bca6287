"""The hours of an instance: timestamps, the horizon, values by hour, and periods."""
