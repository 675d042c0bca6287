"""The cost of a curtailment: power zones draw less power in some hours."""
