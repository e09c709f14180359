"""What these tests start from."""

from tests.stage import _stage, rehearsed, server, world

__all__ = ["_stage", "rehearsed", "server", "world"]
