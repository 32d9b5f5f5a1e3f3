// Room Ingest: see docs/architecture.md.
