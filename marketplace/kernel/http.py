"""The HTTP edge: one request is one transaction, every answer carries the same headers."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from flask import (
    Flask,
    Response,
    current_app,
    g,
    render_template,
    request,
    send_from_directory,
    session,
    url_for,
)
from flask_wtf.csrf import generate_csrf, validate_csrf
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError, UnsupportedMediaType
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as AnyResponse
from wtforms.validators import ValidationError

from marketplace.config import ROOT, Settings, settings, use
from marketplace.kernel import db as database
from marketplace.kernel import jobs, machines
from marketplace.kernel.errors import Refused
from marketplace.kernel.explaining import SENTENCES, explain
from marketplace.kernel.heartbeat import is_anyone_alive
from marketplace.kernel.htmx import wants_fragment
from marketplace.kernel.text import has_controls

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)

SAFE = {"GET", "HEAD", "OPTIONS"}
# How often a view is run again that PostgreSQL undid to break a ring of waiting.
CROSSINGS = 3
# How browsers send forms; "" is a POST without a body.
FORMS = {"application/x-www-form-urlencoded", "multipart/form-data", ""}
# Pages of money, vetting and keys are kept by no cache at all.
NO_STORE = ("/payments", "/settings", "/admin", "/apply", "/contracts", "/sign-", "/reset", "/start")

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


class Marketplace(Flask):
    """The application. It alone ends the request's transaction."""

    settings: Settings
    # Where programs knock, by address: see `machines`.
    doors: dict[str, machines.Door]

    def __init__(self, settings: Settings) -> None:
        super().__init__(
            "marketplace",
            template_folder=str(ROOT / "templates"),
            static_folder=None,
            instance_path=str(ROOT),
        )
        use(settings)
        self.settings, self.doors = settings, {}
        self.config.update(flask_config(settings))
        self.build = fingerprint(ROOT / "static")
        if settings.trusted_proxies:
            hops = settings.trusted_proxies
            self.wsgi_app = ProxyFix(self.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
        database.db.init_app(self)
        with self.app_context():
            database.prepare(database.db.engine)
            self.extensions["jobs"] = jobs.client(settings.database_url, database.db.engine)
        self.before_request(begin)
        self.after_request(finish)
        self.register_error_handler(Exception, answer_error)
        self.add_url_rule("/static/<build>/<path:filename>", "static", self.send_static)
        self.add_url_rule("/healthz", "healthz", healthz)
        self.jinja_env.globals["asset"] = asset
        self.jinja_env.globals["csrf_token"] = csrf_token
        self.jinja_env.autoescape = is_markup

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """People's requests go the whole way; signed messages of programs go past what is made for people."""
        door = self.doors.get(environ["PATH_INFO"])
        if door is None:
            return super().wsgi_app(environ, start_response)
        return machines.answer(self, door, environ, start_response)

    def dispatch_request(self) -> AnyResponse:
        """Run the view. It runs again when the database undid it because others held the same rows crosswise:
        nothing of it has left the building, so nobody needs to know.
        """
        kept = dict(session)
        for _ in range(CROSSINGS):
            try:
                return self.run_view()
            except DBAPIError as error:
                if not database.is_crossed(error):
                    raise
                database.rollback()
                session.clear()
                session.update(kept)
                for upload in request.files.values():
                    upload.stream.seek(0)
        return self.run_view()

    def run_view(self) -> AnyResponse:
        """Run the view; commit when it answers below 400 to anything but GET, else undo."""
        answer = self.make_response(super().dispatch_request())
        if request.method in SAFE or answer.status_code >= 400 or g.get("csrf_failed"):
            database.rollback()
        else:
            database.commit()
        return answer

    def send_static(self, build: str, filename: str) -> Response:
        """A file of `static/`, kept for a year by browsers when the address carries its build."""
        answer = send_from_directory(ROOT / "static", filename, max_age=0)
        if build == self.build:
            answer.cache_control.max_age = 31_536_000
            answer.cache_control.public = answer.cache_control.immutable = True
            answer.cache_control.no_cache = None
        return answer


def flask_config(settings: Settings) -> dict[str, Any]:
    """Flask's own settings from ours."""
    hosts = [settings.host.split(":")[0]]
    if settings.environment != "production":
        hosts += ["localhost", "127.0.0.1"]
    return {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": settings.secret_key_fallbacks,
        "TESTING": settings.environment == "test",
        "TRUSTED_HOSTS": hosts,
        "SESSION_COOKIE_NAME": "__Host-session" if settings.secure else "session",
        "SESSION_COOKIE_SECURE": settings.secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_REFRESH_EACH_REQUEST": False,
        "PERMANENT_SESSION_LIFETIME": settings.rules.session_absolute,
        "MAX_CONTENT_LENGTH": settings.rules.upload_bytes + 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "MAX_FORM_PARTS": 500,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": database.engine_options(settings.database_url),
        "WTF_CSRF_CHECK_DEFAULT": False,
        "WTF_CSRF_TIME_LIMIT": int(settings.rules.session_idle.total_seconds()),
        "PREFERRED_URL_SCHEME": settings.base_url.split(":")[0],
    }


def is_markup(template: str | None) -> bool:
    """Whether values are escaped in `template`: in all but the plain text of mail."""
    return template is None or not template.endswith(".txt")


def fingerprint(folder: Path) -> str:
    """A short name for the exact bytes of all files in `folder`, which makes their addresses immutable."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            digest.update(file.relative_to(folder).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def asset(filename: str) -> str:
    """The address of a static file, for templates."""
    return url_for("static", build=current_app.build, filename=filename)  # type: ignore[attr-defined]


def begin() -> None:
    """Before each request: readers begin no write, and a POST must carry our token and come from here."""
    g.request_id = uuid4().hex[:12]
    database.reading.set(request.method in SAFE)
    if any(has_controls(text) for text in (request.path, *_asked())):
        raise Refused(SENTENCES[400], status=400)
    if request.method in SAFE or request.endpoint is None:
        return
    if request.mimetype not in FORMS:
        raise UnsupportedMediaType
    refuse_monsters()
    if is_foreign():
        raise Refused("This was sent from another site, so nothing was done.", status=403)
    try:
        validate_csrf(request.form.get("csrf_token", ""))
    except ValidationError:
        g.csrf_failed = True


def refuse_monsters() -> None:
    """Keep plain forms to the limits that Werkzeug keeps for those with files only."""
    most, fields = current_app.config["MAX_FORM_MEMORY_SIZE"], current_app.config["MAX_FORM_PARTS"]
    if request.mimetype != "multipart/form-data" and (request.content_length or 0) > most:
        raise RequestEntityTooLarge
    if sum(len(values) for values in request.form.listvalues()) > fields:
        raise RequestEntityTooLarge


def _asked() -> Iterator[str]:
    """Every name and value of the query: no database keeps controls and lone surrogates alike."""
    for pair in request.args.items(multi=True):
        yield from pair


def is_foreign() -> bool:
    """Whether the browser says that another site sent this request."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return True
    origin = request.headers.get("Origin")
    return origin is not None and origin != request.host_url.rstrip("/")


def finish(answer: Response) -> Response:
    """Headers on every answer, of whatever status."""
    headers = answer.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("Referrer-Policy", "same-origin")
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint != "static" and "Cache-Control" not in headers:
        headers["Cache-Control"] = caching(answer)
        answer.vary.add("Cookie")
    return answer


def caching(answer: Response) -> str:
    """Who may keep this answer: nobody, the reader's own browser, or (for strangers' pages) anybody."""
    if request.path.startswith(NO_STORE) or answer.status_code >= 400 or session.modified:
        return "no-store"
    if session:
        return "private, no-cache"
    return "public, max-age=60"


def answer_error(error: Exception) -> AnyResponse:
    """Every refusal and failure as a page, or as the one live region when htmx asks."""
    database.rollback()
    # The page of an error only reads: as a writer it would wait for the very lock that made us fail.
    database.reading.set(True)
    if isinstance(error, SecurityError):
        # The host is not ours, so no address can be made for a page's links.
        return Response("This address is not known here.\n", status=400, mimetype="text/plain")
    status, sentence = explain(error)
    if status >= 500:
        log.error("request %s failed", g.get("request_id", "-"), exc_info=error)
    if isinstance(error, HTTPException) and error.response is not None:
        return cast(AnyResponse, error.response)
    template = "_problem.html" if wants_fragment() else "error.html"
    body = render_template(template, status=status, sentence=sentence, request_id=g.get("request_id", ""))
    answer = Response(body, status=status)
    if isinstance(error, HTTPException) and status == 405:
        answer.headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or [])
    return answer


def healthz() -> Response:
    """200 once the database answers and, in development, every part of the marketplace is up."""
    alive = is_anyone_alive()
    if settings().environment == "development" and not alive:
        return Response("The worker is not up yet.\n", status=503, mimetype="text/plain")
    return Response("ok\n", mimetype="text/plain", headers={"Cache-Control": "no-store"})


def csrf_token() -> str:
    """The token that every form carries."""
    return generate_csrf()
