"""Holds the image and the platforms' files to what the documentation promises of them."""
