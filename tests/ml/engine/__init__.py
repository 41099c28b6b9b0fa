"""Tests of the serving engine, with real processes and real signals."""

from __future__ import annotations
