"""Rongtong: Party work and production as one plan, one ledger, one scorecard."""

__version__ = "0.1.0"
