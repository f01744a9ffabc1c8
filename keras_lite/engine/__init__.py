"""Engines: what they are (`contract`), how one is found and chosen (`registry`), how one is checked (`conformance`)."""
