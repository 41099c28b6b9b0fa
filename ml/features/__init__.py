"""Named numbers from a conditioned clip."""
