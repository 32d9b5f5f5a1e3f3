// Room Store: see docs/architecture.md.
