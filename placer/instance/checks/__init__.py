"""What must hold across the tables of an instance."""
