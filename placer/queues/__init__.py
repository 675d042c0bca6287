"""Queues of requests at a pool of servers: simulated, and by the formulas of Erlang and Hayward."""
