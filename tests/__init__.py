"""Tests, in the tree of what they test."""

from __future__ import annotations
