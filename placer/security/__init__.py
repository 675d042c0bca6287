"""Security: contingencies, audits of placements, and placements that survive the loss of any single element."""
