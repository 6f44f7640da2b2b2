"""Accounts, who may see them, their facts and notes."""
