"""What the command asks of recordings, and of whom."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from django.core.management.base import CommandError

from classifier import services, voices
from classifier.management.batch import Analyst, Question, this_machine
from classifier.management.cluster import cluster
from ml.engine import EngineConfig
from ml.errors import UndertoneError

LONGEST_TIMELINE_S = 7 * 24 * 3600.0
TIMELINE_TIMEOUT_S = 3600.0
"""A recording with a timeline is read in blocks, so its length costs time and no memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked, and of whom.

    Attributes
    ----------
    model : str or None
        None: the default one.
    voice : tuple of str
        Recordings of the speaker's normal voice; or the word `recording` alone, for the one that is analysed.
    timeline : bool
        Whether it is asked what is heard over time.
    channels : str
        `mix`, `left`, `right` or `split`.
    scheduler : str or None
        Of the Dask cluster that analyses; None: this machine.
    """

    model: str | None
    voice: tuple[str, ...]
    timeline: bool
    channels: str
    scheduler: str | None

    def analyst(self) -> AbstractContextManager[Analyst]:
        """Whoever analyses, with engines as the site runs them."""
        config = self._config()
        return cluster(self.scheduler, config) if self.scheduler else this_machine(config)

    def question(self, analyst: Analyst) -> Question:
        """What is asked of every recording, with what the models remember of the speaker's normal voice."""
        own_voice = self.voice == (voices.FROM_RECORDING,)
        try:
            voice = analyst.normal_voice(self.voice) if self.voice and not own_voice else None
        except UndertoneError as error:
            message = f"The recordings of a normal voice cannot be used. {error.message}"
            raise CommandError(message) from error
        return Question(voice=voice, own_voice=own_voice, timeline=self.timeline, channels=self.channels)

    def _config(self) -> EngineConfig:
        config = services.engine_config(default_model=self.model)
        if self.timeline:
            return replace(config, max_seconds=LONGEST_TIMELINE_S, timeline_timeout_s=TIMELINE_TIMEOUT_S)
        return config
