"""What a model's manifest tells people: on its page, and in the MODEL_CARD.md beside it. Standard library only."""
