"""What we are made of: known weaknesses, a bill of materials, and licences of everything that is installed."""
