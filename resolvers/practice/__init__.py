"""The practice: who works here, what they charge, and who is signed in."""
