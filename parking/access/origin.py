"""Whether a request that changes something comes from a page of ours (besides the CSRF token)."""

from collections.abc import Container

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def is_foreign(
    method: str, origin: str | None, fetch_site: str | None, own: Container[str]
) -> bool:
    """Whether a browser says that another site's page sent this.

    `own` holds our host names with their ports. Programs send neither header; a
    browser sends `Sec-Fetch-Site`, and `Origin` with every unsafe method.
    """
    if method in SAFE:
        return False
    if fetch_site in ("cross-site", "same-site"):
        return True
    return origin is not None and origin.partition("://")[2] not in own
