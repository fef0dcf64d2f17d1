"""Strategies that the server does not stand yet, each with the reason. They run all the same, and one that passes is an error."""

KNOWN_FAULTS = {}
