"""What a start says: where it is, who can sign in, and what to try first."""

from __future__ import annotations

from grouproom.demo import DOMAIN, PASSWORD

_LOGINS = (
    ("owner", "owner, not a clinician"),
    ("amara", "provider"),
    ("bjorn", "provider"),
    ("chidi", "provider"),
    ("scheduler", "front office"),
    ("biller", "biller"),
    ("client", "client in the portal"),
)
_QUERIES = (
    (
        "My groups and who belongs to them",
        "{ groups { edges { node { name initials members { client { name } } } } } }",
    ),
    (
        "Who can be put on my calendar",
        '{ search(text: "an") { usuallySeesProvider match { ... on Client { name } ... on Group { name } } } }',
    ),
    (
        "Who I am, and what we charge",
        "{ viewer { name roles practice { name serviceCodes { code label fee { formatted } } } } }",
    ),
)


def banner(host: str, port: int, token: str | None) -> str:
    """Give the text of a start; with a token, that of the demo."""
    shown = f"[{host}]" if ":" in host else host
    lines = [
        "",
        f"  Grouproom serves http://{shown}:{port}/graphql (and ws://{shown}:{port}/graphql). Ctrl-C stops it.",
    ]
    if token is not None:
        lines += ["", f"  Sign in with any of these @{DOMAIN}; the password is {PASSWORD}:"]
        lines += [f"    {login:<10} {role}" for login, role in _LOGINS]
        lines += ["", "  Or send this header, and be amara for twelve hours:", f"    Authorization: Bearer {token}"]
        lines += ["", "  Three queries to paste:"]
        for title, query in _QUERIES:
            lines += [f"    # {title}", f"    {query}"]
    return "\n".join([*lines, ""])
