"""The rooms of the house, as far as who may what."""
