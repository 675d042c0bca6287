"""What a page says, before it is laid out."""
