"""Narratives by a language model on Amazon Bedrock: asked for, checked, paid for, and doubted."""

from aws.bedrock.narration import narrate
from aws.bedrock.store import Cache, Spend

__all__ = ["Cache", "Spend", "narrate"]
