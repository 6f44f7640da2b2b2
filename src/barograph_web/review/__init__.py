"""The Monday review and the decisions taken in it."""
