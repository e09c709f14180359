"""How people are reached: what looks like a mail address or a phone number."""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, EmailSyntaxError, validate_email

LONGEST_ADDRESS = 254
_PHONE = re.compile(r"\+?[0-9 ().\-/]{3,32}( ?(ext\.?|x) ?[0-9]{1,6})?", re.ASCII)


def email(problems: dict[str, str], path: str, text: str) -> str:
    """Give the address in its usual form; what is none goes into `problems`."""
    try:
        if len(text) > LONGEST_ADDRESS:
            # Looking for an address in a megabyte would hold everybody else up.
            raise EmailSyntaxError
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        problems[path] = "This is not a mail address."
        return text


def phone(problems: dict[str, str], path: str, text: str) -> str:
    """Give the number as it was typed; what is none goes into `problems`."""
    if not _PHONE.fullmatch(text) or sum(c.isdigit() for c in text) < 3:
        problems[path] = "This is not a phone number."
    return text
