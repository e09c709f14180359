"""What stands in a note: these formats and no others, whatever is sent."""

from __future__ import annotations

import random
import re
from time import process_time

import pytest

from models.problems import InvalidInput
from models.richtext import LONGEST, clean, joined, words
from tests.charting.scene import a_chart, a_template, in_review, look, notes, save
from tests.world import World

BLOCKS = ("h1", "h2", "h3", "h4", "h5", "h6", "p", "ul", "ol", "li")
INLINE = ("strong", "em", "u", "small")
INDENTED = ' class="indent-{}"'
_PIECE = re.compile(
    rf"[^<>&]|&(?:amp|lt|gt|nbsp);|<br>|</?(?:{'|'.join(BLOCKS + INLINE)})>"
    rf"|<(?:{'|'.join(BLOCKS)}) class=\"indent-[1-8]\">"
)
_TAG = re.compile(r"<(/?)(\w+)[^>]*>")


def is_rich_text(text: str) -> bool:
    """Whether there is nothing in it but the allowed, each opened and closed in turn; asked without any parser."""
    if "".join(_PIECE.findall(text)) != text:
        return False
    still_open: list[str] = []
    for closes, tag in _TAG.findall(text):
        if tag == "br":
            continue
        if not closes:
            still_open.append(tag)
        elif not still_open or still_open.pop() != tag:
            return False
    return not still_open


# Well-formed text


class Writer:
    """Writes what an editor of ours would, by chance."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - the same texts each time

    def text(self) -> str:
        return "".join(
            self.chance.choice(
                ["Loss", " ", "grief", "é", "\n", "&amp;", "&lt;b&gt;", "&nbsp;", '"', "'", "90%", "日本", "👩‍👧", "\t"]
            )
            for _ in range(self.chance.randint(1, 6))
        )

    def inline(self, depth: int = 0) -> str:
        pieces = []
        for _ in range(self.chance.randint(1, 3)):
            tag = self.chance.choice([*INLINE, "", "", "br"] if depth < 4 else [""])
            pieces.append("<br>" if tag == "br" else self.inside(tag, self.inline(depth + 1)) if tag else self.text())
        return "".join(pieces)

    def inside(self, tag: str, text: str, indent: str = "") -> str:
        return f"<{tag}{indent}>{text}</{tag}>"

    def indent(self) -> str:
        return self.chance.choice(["", "", INDENTED.format(self.chance.randint(1, 8))])

    def block(self, depth: int = 0) -> str:
        tag = self.chance.choice(BLOCKS[:-1] if depth < 3 else BLOCKS[:7])
        if tag not in {"ul", "ol"}:
            return self.inside(tag, self.inline(), self.indent())
        items = [self.item(depth + 1) for _ in range(self.chance.randint(1, 3))]
        return self.inside(tag, "\n".join(items) if self.chance.random() < 0.3 else "".join(items), self.indent())

    def item(self, depth: int) -> str:
        below = self.chance.choice([self.inline(), self.block(depth), self.inline() + self.block(depth)])
        return self.inside("li", below, self.indent())

    def document(self) -> str:
        return "<p>Grief</p>" + "".join(self.block() for _ in range(self.chance.randint(0, 5)))


@pytest.mark.parametrize("seed", range(20))
def test_what_is_well_formed_and_allowed_comes_back_unchanged(seed: int) -> None:
    """R42: nothing is removed, and nothing is added."""
    writer = Writer(seed)
    for _ in range(50):
        document = writer.document()
        assert is_rich_text(document)
        assert clean("input", document) == document


@pytest.mark.parametrize(
    "kept",
    [
        *(f"<{tag}>Loss</{tag}>" for tag in (*BLOCKS, *INLINE)),
        *(f'<{tag} class="indent-{n}">Loss</{tag}>' for n, tag in enumerate(BLOCKS[:8], 1)),
        "<ul><li>Loss</li><li>Hope</li></ul>",
        '<ol><li class="indent-2">Loss<ul><li>Hope</li></ul></li></ol>',
        "<p><strong><em><u><small>Loss</small></u></em></strong></p>",
        "<p>Loss<br>Hope</p>",
        "Loss, without any markup",
        "<p>Loss</p>\n<p></p>\n<p>Hope</p>",
        "<h2>Plan</h2><p></p>",
        "<p>5 &lt; 6 &amp; 6 &gt; 5, \"so\" they 'say'</p>",
        "<p>👩‍👩‍👧‍👦 עברית 日本語 ﷺ e\u0301</p>",
    ],
)
def test_each_format_of_the_editor_is_kept(kept: str) -> None:
    """R42: headings 1 to 6, normal, bold, italic, underline, small, bullets, numbers, indentation."""
    assert clean("input", kept) == kept
    assert is_rich_text(kept)


# Everything else


@pytest.mark.parametrize(
    "sent, kept",
    [
        ("<script>alert(1)</script><p>Loss</p>", "<p>Loss</p>"),
        ("<style>p{}</style><p>Loss</p>", "<p>Loss</p>"),
        ("<p>Loss<!-- a remark --></p>", "<p>Loss</p>"),
        ("<p onclick='x()' style='color:red' id=a>Loss</p>", "<p>Loss</p>"),
        ('<a href="javascript:x()">Loss</a>', "Loss"),
        ("<img src=x onerror=alert(1)>Loss", "Loss"),
        ("<iframe src=x>Loss</iframe><p>Hope</p>", "<p>Hope</p>"),
        ("<b>Loss</b> <i>Hope</i> <s>Guilt</s>", "Loss Hope Guilt"),
        ("<table><tr><td>Loss</td></tr></table>", "Loss"),
        ("<div><p>Loss</p></div>", "<p>Loss</p>"),
        ("<P CLASS=indent-3>Loss</P>", '<p class="indent-3">Loss</p>'),
        ('<p class="indent-0">Loss</p>', "<p>Loss</p>"),
        ('<p class="indent-9">Loss</p>', "<p>Loss</p>"),
        ('<p class="indent-1 indent-2">Loss</p>', "<p>Loss</p>"),
        ('<p class="indent-\u0661">Loss</p>', "<p>Loss</p>"),
        ('<strong class="indent-1">Loss</strong>', "<strong>Loss</strong>"),
        ('<br class="indent-1">Loss', "<br>Loss"),
        ("<p>Loss", "<p>Loss</p>"),
        ("<p>Loss<p>Hope", "<p>Loss</p><p>Hope</p>"),
        ("Loss</p></em>", "Loss<p></p>"),
        ("<em><strong>Loss</em></strong>", "<em><strong>Loss</strong></em>"),
        ("5 < 6 & 6 > 5", "5 &lt; 6 &amp; 6 &gt; 5"),
        ("Loss\0\x07\x7f\r\n\tHope\ud800", "Loss\n\tHope"),
        ("&#76;oss &eacute; &quot;", 'Loss é "'),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("<scr<script>ipt>Loss", "ipt&gt;Loss"),
        ("<svg><p>Loss</p></svg>", "<p>Loss</p>"),
    ],
)  # fmt: skip
def test_anything_else_is_removed_and_its_words_stay(sent: str, kept: str) -> None:
    """R42."""
    assert clean("input", sent) == kept
    assert is_rich_text(kept)


_HOSTILE = [
    "<script>alert(1)</script>", "<script", "</script>", "<style>", "</style>", "<svg>", "<svg/onload=alert(1)>",
    "</svg>", "<math>", "<mtext>", "<mglyph>", "<annotation-xml encoding=text/html>", "<table>", "<tr>", "<td>",
    "</table>", "<select>", "<option>", "<template>", "</template>", "<noscript>", "</noscript>", "<title>",
    "<textarea>", "</textarea>", "<xmp>", "<plaintext>", "<listing>", "<pre>", "<frameset>", "<body onload=x>",
    "<html>", "<head>", "<base href=//x>", "<iframe>", "<form>", "<button>", "<a href=javascript:x>", "</a>", "<b>",
    "<i>", "</i>", "<font color=red>", "<div>", "</div>", '<span class="indent-1">', "<img src=x onerror=alert(1)>",
    "<image>", "<!--", "-->", "<!-->", "--!>", "<![CDATA[", "]]>", "<!DOCTYPE html>", "<?xml?>", "<p ", "<p class=",
    "<p class='indent-1", '<p class="indent-2" onclick=x>', "<p/>", "<br/>", "</br>", "</p>", "<li>", "</li>",
    "</ul>", "<ul>", "<ol start=3>", "<h1>", "</h2>", "<h6 class=indent-8>", "<em>", "</em>", "<strong>", "</strong>",
    "<u>", "</u>", "<small>", "</small>", "<", ">", "&", "&amp", "&lt;", "&#0;", "&#x1F600;", "&#xD800;",
    "&NotEqualTilde;", '"', "'", "`", "=", "/", "\0", "\r", "\n", "\x0b", "\u2028", "\ufeff", "\u200b", "\ud800",
    "\udfff", "\uffff", "indent-1", "Loss", " ", "é", "日", "\U0001f600", "<\U0001d429>", "<p\0>", "<p\x0conclick=x>",
    "<\uff50>", "<!ENTITY x>", "&#x1;", "&#1;", "&#x9f;", "&#127;",
]  # fmt: skip


def hostile(chance: random.Random) -> str:
    text = "".join(chance.choice(_HOSTILE) for _ in range(chance.randint(1, 30)))
    if chance.random() < 0.3:
        place = chance.randrange(len(text))
        text = text[:place] + chr(chance.choice([0, 9, 34, 38, 39, 47, 60, 62, 0xA0, 0xD800])) + text[place + 1 :]
    return text


@pytest.mark.parametrize("seed", range(20))
def test_of_hostile_and_malformed_text_only_the_allowed_is_left_and_it_stays_so(seed: int) -> None:
    """R42: 6,000 texts, of every way we know to get round a cleaner; what is cleaned is clean."""
    chance = random.Random(seed)  # noqa: S311 - the same texts each time
    for _ in range(300):
        sent = hostile(chance)
        kept = clean("input", sent)
        assert is_rich_text(kept), sent
        assert clean("input", kept) == kept, sent
        assert bool(kept) == bool(words(kept)), sent


async def test_what_is_stored_comes_back_byte_for_byte_and_stays_when_it_is_saved_again(world: World) -> None:
    """R42: through the API, in each of the places that hold a text."""
    chance = random.Random(42)  # noqa: S311 - the same texts each time
    writer = Writer(42)
    alone = await a_chart(by=world.amara, client=world.client_ada, template=await a_template(by=world.amara))
    for n in range(25):
        sent = [writer.document() if n % 2 else hostile(chance) for _ in range(3)]
        given = {"templateBody": sent[0], "notes": sent[1], "words": {world.client_ada: sent[2]}}
        saved = await save(alone, by=world.amara, **given)  # type: ignore[arg-type]
        kept = [saved["templateBody"], saved["groupNotes"], saved["clientEntries"][0]["clientNotes"]]
        assert kept == [clean("input", text) for text in sent]
        assert await look(alone, by=world.amara) == saved
        again = {"templateBody": kept[0], "notes": kept[1], "words": {world.client_ada: kept[2]}}
        assert await save(alone, by=world.amara, **again) == saved


async def test_a_note_is_rich_text_as_its_parts_are(world: World) -> None:
    """R42, R43: put together it is clean as it stands."""
    chance = random.Random(7)  # noqa: S311 - the same texts each time
    parts = [hostile(chance) + "Loss" for _ in range(2)]
    session = await in_review(
        by=world.amara, group=world.monday, notes=parts[0], words={world.client_ada: parts[1], world.client_ben: "Hope"}
    )
    for note in (await notes(session, by=world.amara)).values():
        assert is_rich_text(note["body"])
        assert clean("input", note["body"]) == note["body"]


# Nothing, and too much


@pytest.mark.parametrize(
    "sent",
    [
        "",
        " \n\t",
        "<p></p>",
        "<p> &nbsp;\u2003</p>",
        "<br><br>",
        "<ul><li></li></ul>",
        "<script>alert(1)</script>",
        "<!-- a -->",
    ],
)
def test_no_text_is_the_empty_text(sent: str) -> None:
    """R42."""
    assert clean("input", sent) == ""


def test_a_text_has_a_length() -> None:
    """R42: as it is sent, and as it is kept."""
    assert clean("input", "x" * LONGEST) == "x" * LONGEST
    assert len(clean("input", f"<p>{'x' * (LONGEST - 7)}</p>")) == LONGEST
    for much in (
        "x" * (LONGEST + 1),
        " " * (LONGEST + 1),
        "&" * LONGEST,
        "\U0001d54f" * LONGEST + "x",
        "<p>x" * 24_000,
    ):
        with pytest.raises(InvalidInput) as refused:
            clean("input.body", much)
        assert refused.value.facts["fields"] == [
            {"path": "input.body", "message": "A text has at most 100000 characters."}
        ]


@pytest.mark.parametrize(
    "piece",
    [
        "<ul>",
        "<ul><li>",
        "<div>",
        "<em></x>",
        "<em></p>",
        "<div></span>",
        "<center></p>",
        "<h1><strong>",
        "<blockquote>",
        "<\0ul>",
        "<address>",
    ],
)
def test_what_nests_without_end_is_refused_before_it_takes_long(piece: str) -> None:
    """R42: it is nobody's text, and a parser needs seconds for it."""
    begun = process_time()
    with pytest.raises(InvalidInput):
        clean("input.body", piece * (LONGEST // len(piece)))
    assert process_time() - begun < 0.5


def test_no_list_is_too_deep_that_anybody_would_write() -> None:
    """R42."""
    deep = "<ul><li>" * 40 + "Loss" + "</li></ul>" * 40
    assert clean("input", deep) == deep
    flat = "<p>Loss<li>Hope<br>" * 1000
    assert words(clean("input", flat)).count("Loss") == 1000


async def test_what_is_too_long_is_said_of_the_field_that_it_is_in(world: World) -> None:
    """R42."""
    started = await a_chart(by=world.amara, group=world.monday)
    given = {"chartId": started.chart, "expectedVersion": 1}
    long = "x" * (LONGEST + 1)
    await world.amara.invalid("input.groupNotes", "saveChart", **given, groupNotes=long)
    entries = [
        {"clientId": client, "clientNotes": text, "expectedVersion": 1}
        for client, text in ((world.client_ada, "x"), (world.client_ben, long))
    ]
    await world.amara.invalid("input.clientEntries.1.clientNotes", "saveChart", **given, clientEntries=entries)
    whole = "x" * LONGEST
    chart = await save(started, by=world.amara, notes=whole, words={world.client_ada: whole})
    assert (chart["groupNotes"], chart["clientEntries"][0]["clientNotes"]) == (whole, whole)


# Its words


@pytest.mark.parametrize(
    "text, said",
    [
        ("<p>Loss</p><p>Hope</p>", "Loss Hope"),
        ("Loss<p>Hope</p>", "Loss Hope"),
        ('Loss<ul class="indent-1"><li>Hope</li></ul>', "Loss Hope"),
        ("Loss<h2>Hope</h2>", "Loss Hope"),
        ("<p>Lo<strong>s</strong>s</p>", "Loss"),
        ("<p>Loss<br>Hope</p>", "Loss Hope"),
        ("<p>5 &lt; 6&nbsp;&amp;\n 7</p>", "5 < 6 & 7"),
    ],
)
def test_words_are_read_as_they_are_seen(text: str, said: str) -> None:
    """N8, N9: a word ends where a block does, and not where it is emphasised."""
    assert words(text) == said


@pytest.mark.parametrize(
    "parts, whole",
    [
        (["<h2>A</h2>", "<p>B</p>", "<p>C</p>"], "<h2>A</h2><p>B</p><p>C</p>"),
        (["A", "B", "C"], "A<br>B<br>C"),
        (["A", "", "C"], "A<br>C"),
        (["", "", ""], ""),
        (["A", "<p>B</p>", "C"], "A<p>B</p>C"),
        (["A <em>b</em>", "<strong>C</strong>"], "A <em>b</em><br><strong>C</strong>"),
        (["A<br>", "B"], "A<br>B"),
        (["<p>A</p>\n", "B"], "<p>A</p>\nB"),
    ],
)
def test_parts_without_blocks_are_kept_apart(parts: list[str], whole: str) -> None:
    """R43: where one part ends and the next begins within a line, a line ends."""
    assert joined(*parts) == whole
