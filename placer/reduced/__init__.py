"""Answers of smaller instances carried back to the whole, with a proven gap."""
