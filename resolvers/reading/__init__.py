"""The one reader: selections, meanings and access become one statement, in which the database writes the answer."""
