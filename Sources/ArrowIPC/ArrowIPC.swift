// Room ArrowIPC: see docs/architecture.md.
