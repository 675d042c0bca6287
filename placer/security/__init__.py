"""If any one is lost: contingencies, audits of placements, and placements that survive the loss of any one thing."""
