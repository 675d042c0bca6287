"""How the shipped datasets are rebuilt from the facts beside them."""
