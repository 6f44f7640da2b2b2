"""Runs, schedules, the audit log, health and backup."""
