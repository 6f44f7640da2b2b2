"""The application: Monday review, portfolio, accounts, models and data, on top of the library `barograph`."""
