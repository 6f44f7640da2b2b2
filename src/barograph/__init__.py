"""Barograph: customer-success health scores that are checked against real renewals."""

__version__ = "0.1.0"
