"""Images: checked by content, made anew, shown only to who may see the sample."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from marketplace.kernel.db import db, find, one
from marketplace.kernel.files import File, store
from marketplace.talent.models import Profile, Sample
from tests import make
from tests.talent.test_samples import FIELDS

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
SECRET = b"51.5007 N, 0.1246 W at home"


def jpeg(extra: bytes = b"", exif: bytes = b"") -> bytes:
    made = BytesIO()
    marks = Image.Exif()
    if exif:
        marks[0x010E] = exif.decode()
    Image.new("RGB", (40, 20), "navy").save(made, "JPEG", exif=marks)
    return made.getvalue() + extra


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it is 50,000 by 50,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def send(browser: Any, data: bytes, name: str, alt: str = "Blue.") -> Any:
    profile = make.professional(admitted=False)
    sent = {**FIELDS, "alt": alt, "image": (BytesIO(data), name)}
    answer = browser(profile.person).post("/profile/samples/new", sent, content_type="multipart/form-data")
    answer.request.environ["wsgi.input"].close()  # the test client's own copy of a large body
    return answer


def stored() -> bytes:
    db.session.expire_all()
    return bytes(store().get(str(one(select(File)).id)).bytes())


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"GIF89a" + b"\0" * 50, "card.png"),
        (b"%PDF-1.7 not an image", "card.jpg"),
        (jpeg(), "card.png"),
        (jpeg(), "card.jpg.php"),
        (SVG, "card.svg"),
        (SVG, "card.png"),
        (bomb(), "card.png"),
        (b"", "card.png"),
        (jpeg()[:60], "card.jpg"),
    ],
)
def test_what_is_no_sound_image_is_refused_and_the_text_kept(
    app: Any, browser: Any, data: bytes, name: str
) -> None:
    answer = send(browser, data, name)
    assert answer.status_code == 422
    assert "You have nine bins." in answer.text
    assert find(select(File)) is None


def test_twenty_megabytes_are_refused(app: Any, browser: Any) -> None:
    assert send(browser, b"\0" * 20_000_000, "card.png").status_code == 413


def test_just_over_the_limit_is_refused_with_the_text_kept(app: Any, browser: Any) -> None:
    answer = send(browser, jpeg(b"\0" * (10 * 1024 * 1024)), "card.jpg")
    assert answer.status_code == 413
    assert "You have nine bins." in answer.text


def test_what_cameras_and_polyglots_hide_stays_behind(app: Any, browser: Any) -> None:
    script = b"<?php system('id') ?><script>alert(1)</script>"
    assert send(browser, jpeg(script, exif=SECRET), "card.jpg").status_code == 303
    kept = stored()
    assert kept.startswith(b"RIFF")
    assert SECRET not in kept
    assert b"script" not in kept


def test_an_image_needs_its_words(app: Any, browser: Any) -> None:
    answer = send(browser, jpeg(), "card.jpg", alt="")
    assert answer.status_code == 422
    assert "Describe the image" in answer.text


def test_an_image_is_there_only_for_who_may_see_the_sample(app: Any, browser: Any) -> None:
    assert send(browser, jpeg(), "card.jpg").status_code == 303
    sample = one(select(Sample).where(Sample.image_id.is_not(None)))
    profile = one(select(Profile))
    address = f"/professionals/{profile.handle}/samples/{sample.id}/image"
    assert browser().get(address).status_code == 404
    answer = browser(profile.person).get(address)
    assert answer.mimetype == "image/webp"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
