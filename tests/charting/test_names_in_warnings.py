"""Names as people run them together, and ordinary words that only look as if they held one."""

from __future__ import annotations

import random
from itertools import product

import pytest

from models import Client
from models.ids import uuid7
from tests.charting.test_warnings import BEN, NAMES, found_in


def member(first: str, last: str, phone: str | None = None) -> Client:
    return Client(id=uuid7(), first_name=first, last_name=last, name=last, phone=phone)


GRACE = member("Grace", "Liu", "+1 312 555 0106")
# Names that are words, or stand in many.
OTHERS = [
    member(first, last)
    for first, last in (
        ("Will", "May"), ("Mark", "Rose"), ("Bill", "Art"), ("Pat", "Ring"), ("Ed", "Al"), ("Jo", "Hope"),
        ("Donald", "Page"), ("Ann", "Long"), ("Mary Ann", "De Wit"), ("DeShawn", "O'Brien"),
    )
]  # fmt: skip
_TYPED = """
willing goodwill GOODWILL Willow unwilling maybe Mayor dismay remark Remarked bookmark market MARKET primrose prose
roses billing BILLING ability start heart Party pattern patience Spat during string STRINGS education EdD MEd BSEd used
needed also personal Always journal enjoy joint hopeful hopeless McDonald MacDonald annual planned Manners belong longer
along pages graceful disgrace disgraceful gracious lius
PhD PsyD LCSW LMFT DSM5 ICD10 COVID19 B12 H2O A1c iPad iPhone eBay YouTube LinkedIn WhatsApp PayPal TikTok FaceTime
IDs PDFs TVs mg10 10mg 3pm Room2B GAD7 PHQ9 1st 22nd 5x3 kHz
don't wasn't well-being follow-up mother-in-law
"""
ORDINARY = _TYPED.split()


@pytest.mark.parametrize(
    "text",
    [
        "GraceLiu left early",
        "@GraceLiu",
        "@graceLiu wrote",
        "Grace2",
        "2Grace",
        "grace2 and others",
        "GraceLIU",
        "GRACELiu",
        "#AskGraceToday",
        "GraceLiu's coat",
        "GraceLiu2026",
        "talked/GraceLiu/later",
        "Gr\u00adaceLiu",
        "call 312,555,0106",
        "call 312, 555, 0106",
        "555,0106",
    ],
)
def test_a_change_of_case_and_a_digit_end_a_name_and_commas_stand_in_numbers(text: str) -> None:
    """N8."""
    assert found_in({BEN: f"<p>{text}</p>"}, GRACE) == {(NAMES, BEN)}


@pytest.mark.parametrize(
    "text",
    ["MaryAnn", "MaryAnn2", "SoMaryAnnWept", "DeShawn2", "hiDeShawn", "GraceO'Brien", "GraceO\u2019Brien", "AnnDeWit"],
)
def test_names_of_several_parts_are_found_where_they_are_run_together(text: str) -> None:
    """N8."""
    for other in OTHERS[8:]:
        if other.first_name.replace(" ", "") in text or other.last_name.replace(" ", "") in text.replace("\u2019", "'"):
            assert found_in({BEN: f"<p>{text}</p>"}, other) == {(NAMES, BEN)}
            return
    pytest.fail("This text names nobody.")


def test_ordinary_words_name_nobody_however_they_are_strung_together() -> None:
    """N8: a warning that is often wrong is not read."""
    assert [word for word in ORDINARY if found_in({BEN: f"<p>{word}</p>"}, GRACE, *OTHERS)] == []
    rng = random.Random(8)  # noqa: S311 - drawn again the same
    for _ in range(300):
        words = [rng.choice((str, str.lower, str.upper, str.title))(rng.choice(ORDINARY)) for _ in range(12)]
        words[0:0] = [str(rng.randrange(10**6)), f"{rng.randrange(100)},{rng.randrange(1000):03}"]
        rng.shuffle(words)
        text = rng.choice((" ", ", ", ". ", " - ", "/")).join(words)
        assert found_in({BEN: f"<p>{text}</p>"}, GRACE, *OTHERS) == set(), text


@pytest.mark.parametrize("other", [GRACE, *OTHERS], ids=lambda other: other.first_name)
def test_a_name_that_is_a_word_is_found_as_a_whole_word_only(other: Client) -> None:
    """N8."""
    name = other.first_name
    for before, after in product(("", "(", "@", "and ", "7"), ("", ".", "'s", "!", " left", "3")):
        assert found_in({BEN: f"<p>{before}{name}{after}</p>"}, other) == {(NAMES, BEN)}, (before, after)
    for before, after in (("x", ""), ("", "x"), ("un", "ly"), ("x", "x")):
        assert found_in({BEN: f"<p>{before}{name.lower()}{after}</p>"}, other) == set(), (before, after)
