"""Audio in, emotion out: the science of Undertone, without a web framework."""
