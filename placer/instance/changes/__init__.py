"""What-ifs: changed values, rows added and left out, and parts of a horizon."""
