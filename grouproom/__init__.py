"""THE DOOR: the only floor that reads the environment."""
