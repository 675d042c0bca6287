"""What waiting, moving, storing and building are each worth at a green share."""
