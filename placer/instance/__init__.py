"""The validated problem: attributes, tables, the graph and its routes."""

from placer.instance.problem import Instance

__all__ = ["Instance"]
