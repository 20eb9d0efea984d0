"""What every answer carries: no foreign scripts, no framing, no sniffing, no caching of pages."""

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

# An answer to a program is no document: nothing in it can run or be framed. It is short,
# because a phone on 3G asks once a second whether a QR is paid.
FOR_DATA = "default-src 'none'; frame-ancestors 'none'"


def add_headers(app: Flask, *, https: bool) -> None:
    @app.after_request
    def headers(answer: Response) -> Response:
        answer.headers["X-Content-Type-Options"] = "nosniff"
        if answer.is_json or answer.status_code == 204:
            answer.headers.setdefault("Content-Security-Policy", FOR_DATA)
        else:
            answer.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
            answer.headers["X-Frame-Options"] = "DENY"
            answer.headers["Referrer-Policy"] = "same-origin"
            answer.headers["Permissions-Policy"] = "camera=(self), geolocation=(), microphone=()"
            answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if https:
            answer.headers["Strict-Transport-Security"] = "max-age=31536000"
        if not (request.endpoint or "").endswith("static"):
            answer.headers.setdefault("Cache-Control", "no-store")
        return answer
