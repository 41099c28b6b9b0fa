"""What a recording may be, whatever its header claims: checked before and while it is decoded."""

from __future__ import annotations

from dataclasses import dataclass

from ml.errors import AudioError


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The limits, and the words in which they refuse.

    Attributes
    ----------
    min_seconds, max_seconds : float
        Shortest and longest recording.
    min_rate_hz, max_rate_hz : int
        Sampling rates that can carry speech and are really used.
    max_channels : int
    densest_hz : int
        Samples a second, those of all channels together, that a recording of the greatest length may hold.
    """

    min_seconds: float = 0.5
    max_seconds: float = 600.0
    min_rate_hz: int = 4_000
    max_rate_hz: int = 384_000
    max_channels: int = 32
    densest_hz: int = 96_000

    def check_shape(self, *, rate_hz: int, channels: int) -> None:
        """Refuse absurd rates and channel counts.

        Raises
        ------
        AudioError
            `unusable_signal`.
        """
        if not self.min_rate_hz <= rate_hz <= self.max_rate_hz:
            raise AudioError(
                "unusable_signal",
                f"This recording claims {rate_hz:,} samples a second; it must be between "
                f"{self.min_rate_hz:,} and {self.max_rate_hz:,}.",
            )
        if not 1 <= channels <= self.max_channels:
            raise AudioError(
                "unusable_signal",
                f"This recording claims {channels:,} channels; at most {self.max_channels} can be read.",
            )

    def check_length(self, frames: int, *, rate_hz: int, channels: int) -> None:
        """Refuse a recording of which so much was read already.

        Raises
        ------
        AudioError
            `too_long`.
        """
        if frames > self.max_seconds * rate_hz:
            raise AudioError(
                "too_long",
                f"This recording is longer than {self.max_seconds:g} seconds. Please send a shorter part of it.",
            )
        if frames * channels > self.max_seconds * self.densest_hz:
            raise AudioError(
                "too_long",
                f"This recording holds too many samples: with {channels} channels of {rate_hz:,} a second it may be "
                f"{self.max_seconds * self.densest_hz / channels / rate_hz:,.0f} seconds long. "
                "Please send a shorter part of it.",
            )

    def too_short(self) -> AudioError:
        """The answer to a recording under the limit."""
        return AudioError(
            "too_short", f"This recording is shorter than {self.min_seconds:g} seconds. Please record a whole sentence."
        )
