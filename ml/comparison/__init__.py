"""The bench: every recipe measured the same way, side by side with what its authors published."""
