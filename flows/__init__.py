"""What is said: pure functions and data. Nothing here knows a database, a vendor, a clock or chance."""
