"""People, roles, teams, stand-ins and API tokens."""
