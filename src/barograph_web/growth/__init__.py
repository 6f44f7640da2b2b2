"""Expansion, hand-over, success plans, advocates and escalations."""
