"""The steps that bring a database to what the code says; `models.migrate` takes them."""
