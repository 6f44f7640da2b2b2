"""How fast pages answer with a large company in the application's database."""
