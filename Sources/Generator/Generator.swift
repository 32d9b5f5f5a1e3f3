// Room Generator: see docs/architecture.md.
