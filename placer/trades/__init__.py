"""Tokens between countries: who sells to whom, at what price, and who gains."""
