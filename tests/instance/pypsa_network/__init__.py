"""Tests of networks of PyPSA, read as instances."""
