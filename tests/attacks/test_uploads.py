"""Files that are not what they say: cases U01, U03 to U05, U08 to U11, U13, U14, X05 to X07."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from marketplace.kernel import files
from marketplace.kernel.db import commit, db
from marketplace.kernel.errors import Refused
from marketplace.kernel.http import Marketplace
from marketplace.payments.statement import harmless
from tests import make

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="a(1)"><script>a(1)</script></svg>'


def picture(kind: str = "PNG", **also: Any) -> bytes:
    """A small sound image."""
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(made, kind, **also)
    return made.getvalue()


def bomb(width: int = 50_000, height: int = 50_000) -> bytes:
    """A PNG of a few bytes that says it is enormous."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


FALSE = {
    "X05 a drawing with a script": (SVG, "a.svg"),
    "X05 a drawing under an image's name": (SVG, "a.png"),
    "U01 an ending of another kind": (picture(), "a.jpg"),
    "U01 two endings": (picture(), "a.png.html"),
    "U01 a dot at the end": (picture(), "a.png."),
    "U01 a NUL in the name": (picture(), "a.png\x00.html"),
    "U01 no name": (picture(), ""),
    "X06 a page that begins like an image": (b"GIF89a<script>a(1)</script>", "a.gif"),
    "X06 a page after a PNG's first bytes": (b"\x89PNG\r\n\x1a\n<html>", "a.png"),
    "U03 an enormous image": (bomb(), "a.png"),
    "U03 an image cut off": (picture()[:60], "a.png"),
    "U01 a program": (b"MZ" + b"\0" * 400, "a.png"),
    "U01 nothing": (b"", "a.png"),
}


@pytest.mark.parametrize("name", FALSE)
def test_u01_u03_x05_x06_what_is_no_image_is_refused(name: str) -> None:
    with pytest.raises(Refused):
        files.make_anew(*FALSE[name])


def test_x06_what_follows_an_image_stays_behind() -> None:
    made, width, height = files.make_anew(picture() + b"<script>a(1)</script>", "a.PNG")
    assert b"script" not in made
    assert (width, height) == (40, 30)


def test_u05_cameras_tell_nothing() -> None:
    exif = Image.Exif()
    exif[0x013B] = "Ines Okafor"
    made, _, _ = files.make_anew(picture("JPEG", exif=exif), "a.jpg")
    assert b"Ines" not in made
    assert len(Image.open(io.BytesIO(made)).getexif()) == 0


@pytest.mark.parametrize(
    "name", ["../../app.png", "/etc/x.png", "CON.png", "a\r\nX: y.png", '"><img>.png', "\u202egnp.png"]
)
def test_u04_x07_files_lie_under_names_of_our_own(app: Marketplace, place: Path, name: str) -> None:
    upload = FileStorage(io.BytesIO(picture()), filename=name)
    kept = files.keep_image(upload, owner=make.person())
    commit()
    assert (place / "blobs" / str(kept.id)).is_file()
    assert {file.parent for file in (place / "blobs").rglob("*") if file.is_file()} == {place / "blobs"}


def test_u14_x06_a_file_is_served_as_what_it_is(app: Marketplace) -> None:
    kept = files.keep_image(FileStorage(io.BytesIO(picture()), filename="a.png"), owner=make.person())
    with app.test_request_context():
        answer = files.send(kept)
    assert answer.mimetype == "image/webp"
    assert answer.headers["Content-Disposition"] == f'inline; filename="{kept.id}.webp"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠1"])
def test_u13_no_cell_is_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert harmless(f"a{cell}") == f"a{cell}"


def kept(owner: Any) -> files.File:
    """The same small picture, kept for one person."""
    row = files.keep_image(FileStorage(io.BytesIO(picture()), filename="a.png"), owner=owner)
    commit()
    return row


def test_u08_one_persons_copy_outlives_anothers(app: Marketplace, work: Any) -> None:
    ann, bob = make.person("Ann First"), make.person("Bob Second")
    theirs, mine = kept(ann), kept(bob)
    assert theirs.sha256 == mine.sha256
    left = str(mine.id)
    files.forget_all(ann)
    commit()
    work()
    assert bytes(files.store().get(left).bytes())


def test_u09_a_kill_between_file_and_row_serves_nothing(app: Marketplace) -> None:
    row = files.keep_image(FileStorage(io.BytesIO(picture()), filename="a.png"), owner=make.person())
    lost = row.id
    db.session.rollback()
    assert db.session.get(files.File, lost) is None


@pytest.mark.parametrize("gone", ["signed out", "closed"])
def test_u11_nobody_uploads_after_leaving(browser: Any, gone: str) -> None:
    profile = make.professional()
    here = browser(profile.person)
    path = "/profile/samples/new"
    here.post("/sign-out" if gone == "signed out" else "/settings/close", {"sure": "y"})
    here.post(path, {"image": (io.BytesIO(picture()), "a.png"), "alt": "Red."})
    assert not db.session.scalars(select(files.File)).all()
