"""The WSGI entry point: `granian --interface wsgi app:app`, `flask --app app …`."""

from marketplace import create_app

app = create_app()
