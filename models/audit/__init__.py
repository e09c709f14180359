"""WHO SAW AND DID WHAT: a log that only grows, chained and signed (45 CFR 164.312(b))."""

from models.audit.entries import AuditAction, AuditChannel, AuditEntry

__all__ = ["AuditAction", "AuditChannel", "AuditEntry"]
