// Room Bitmaps: see docs/architecture.md.
