"""Appointments: what their fields mean, and how they get on a calendar."""
