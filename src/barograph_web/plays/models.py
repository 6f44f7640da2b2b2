"""Plays, tasks, clocks, touches and routing."""
