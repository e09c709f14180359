"""The one reader: plain selections, meanings and access become one statement, in which the database writes the answer."""
