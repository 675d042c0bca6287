"""What lets an answer out: the certificate and the bound, independent of any solver."""
