// Room Project: see docs/architecture.md.
