"""Messages as bytes: what is read back is what was put in, whatever it was."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurturing.letters import one_line
from nurturing.mime import assemble, mailbox

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=400)
lines = st.lists(texts, max_size=6).map("\n".join)


@given(lines, lines)
def test_both_parts_come_out_as_they_went_in(text: str, html: str) -> None:
    mail = message_from_bytes(assemble({"Subject": "x"}, text=text, html=html), policy=policy.default)
    assert mail.get_content_type() == "multipart/alternative"
    plain, rich = mail.iter_parts()
    for part, put_in in ((plain, text), (rich, html)):
        raw = part.get_payload(decode=True)
        assert isinstance(raw, bytes)
        assert raw.decode().replace("\r\n", "\n").rstrip("\n") == put_in.rstrip("\n")
    assert [plain.get_content_type(), rich.get_content_type()] == ["text/plain", "text/html"]


@given(lines, lines)
def test_no_line_is_longer_than_a_server_takes(text: str, html: str) -> None:
    content = assemble({"Subject": one_line(text) or "x"}, text=text, html=html)
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")


@given(st.text(max_size=300))
def test_b27_a_subject_adds_no_header(subject: str) -> None:
    flat = one_line(subject)
    mail = message_from_bytes(assemble({"Subject": flat}, text="x", html="y"), policy=policy.default)
    assert set(mail.keys()) == {"Content-Type", "MIME-Version", "Subject"}
    assert "\n" not in str(mail["Subject"])


@given(st.text(max_size=60))
def test_b27_a_name_adds_no_recipient(name: str) -> None:
    shown = mailbox(one_line(name, 60), "camille@exemple.fr")
    mail = message_from_bytes(assemble({"To": shown}, text="x", html="y"), policy=policy.default)
    assert parseaddr(str(mail["To"]))[1] == "camille@exemple.fr"
    assert len(mail["To"].addresses) == 1


@pytest.mark.parametrize("value", ["a\nBcc: x", "a\r\nBcc: x", "a\rb"])
def test_b27_a_line_end_in_a_header_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="line end"):
        assemble({"Subject": value}, text="x", html="y")


@pytest.mark.parametrize("address", ["a@b.fr\nBcc: x@y.fr", "é@exemple.fr", "a b@c.fr", "<a@b.fr>"])
def test_an_address_that_a_header_cannot_take_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        mailbox("", address)
