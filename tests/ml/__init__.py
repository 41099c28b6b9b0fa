"""Tests of the science."""

from __future__ import annotations
