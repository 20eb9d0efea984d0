"""`parking users`: desk users and attendants' phones; the first administrator comes from here."""

import getpass
import json
import os
import sys
from dataclasses import asdict

import click

from parking.access import enrolment, users
from parking.access.policy import Role
from parking.business_day import time_text
from parking.cli.machine import running_parts
from parking.errors import ParkingError
from parking.parts import Parts
from parking.qris.symbol import modules

DESK_ROLES = click.Choice([role.value for role in users.DESK_ROLES])
password_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input."
)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


@click.group("users")
def users_group() -> None:
    """Who may sign in at a desk, and which phone is whose.

    Example: parking users add sri --role admin --name "Sri Contoh"
    """


@users_group.command()
@click.argument("username")
@click.option("--role", type=DESK_ROLES, required=True)
@click.option("--name", default="", help="As shown on screens; default: the user name.")
@password_option
@json_option
def add(username: str, role: str, name: str, password_stdin: bool, as_json: bool) -> None:
    """Add a desk user, and print once what he signs in with.

    Without --password-stdin a password is made up. Roles that touch money or rights
    get a second factor: scan the QR with an authenticator app.

    \b
    Examples:
      parking users add sri --role admin --name "Sri Contoh"
      parking users add adi --role auditor --password-stdin < password.txt
    """
    chosen = _password(password_stdin)
    with running_parts() as parts, parts.sessions.begin() as session:
        secrets = users.add(
            session, username, Role(role), name or username, chosen, parts.settings.pepper,
            _operator(), parts.clock.now(),
        )  # fmt: skip
    _tell(secrets, chosen, as_json)


@users_group.command("list")
@json_option
def list_users(as_json: bool) -> None:
    """List all desk users, ended ones too.

    Example: parking users list
    """
    with running_parts() as parts, parts.sessions() as session:
        everybody = users.everybody(session)
    for user in everybody:
        if as_json:
            click.echo(json.dumps(asdict(user), default=str))
        else:
            state = f"ended {user.ended_at:%Y-%m-%d}" if user.ended_at else "active"
            click.echo(f"{user.username}\t{user.role}\t{state}\t{user.name}")


@users_group.command()
@click.argument("username")
@click.option("--reason", default="", help="Kept in the audit log.")
def end(username: str, reason: str) -> None:
    """End a user: signed out everywhere at once, never deleted.

    Example: parking users end adi --reason "pindah tugas"
    """
    with running_parts() as parts, parts.sessions.begin() as session:
        users.end(session, username, _operator(), parts.clock.now(), reason)
    click.echo(f"{username} has ended", err=True)


@users_group.command("reset-password")
@click.argument("username")
@password_option
@json_option
def reset_password(username: str, password_stdin: bool, as_json: bool) -> None:
    """Give a user a new password and a new second factor; lift a lock.

    Example: parking users reset-password sri
    """
    chosen = _password(password_stdin)
    with running_parts() as parts, parts.sessions.begin() as session:
        secrets = users.reset(
            session, username, chosen, parts.settings.pepper, _operator(), parts.clock.now()
        )
    _tell(secrets, chosen, as_json)


@users_group.command()
@click.argument("badge")
@json_option
def enrol(badge: str, as_json: bool) -> None:
    """Print a one-time code with which the attendant BADGE enrols a phone.

    Good for fifteen minutes and one phone; codes given before are void.

    Example: parking users enrol JBI-0001
    """
    with running_parts() as parts:
        invitation, url = _invite(parts, badge)
    if as_json:
        told = {"badge": badge, "code": invitation.code, "url": url}
        click.echo(json.dumps(told | {"expires_at": invitation.expires_at.isoformat()}))
        return
    click.echo(_picture(url), err=True)
    click.echo(f"{badge} has until {time_text(invitation.expires_at)}:", err=True)
    click.echo(f"{invitation.code}\t{url}")


def _invite(parts: Parts, badge: str) -> tuple[enrolment.Invitation, str]:
    with parts.sessions.begin() as session:
        invitation = enrolment.invite_badge(session, badge, _operator(), parts.clock.now())
    return invitation, invitation.url(parts.settings.public_url)


def _operator() -> str:
    """Who is at the shell, as the audit log names them."""
    try:
        return f"shell:{os.environ.get('SUDO_USER') or getpass.getuser()}"
    except (KeyError, OSError):  # a container's user may have no name
        return f"shell:{os.getuid()}"


def _password(from_stdin: bool) -> str:
    if not from_stdin:
        return ""
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise ParkingError("No password on standard input")
    return line


def _tell(secrets: users.Secrets, chosen: str, as_json: bool) -> None:
    """Print what was made up; a password that was given is not repeated."""
    made = asdict(secrets) | ({"password": None} if chosen else {})
    if as_json:
        click.echo(json.dumps(made))
        return
    if secrets.totp_uri:
        click.echo(_picture(secrets.totp_uri), err=True)
        click.echo("Scan with an authenticator app; it is not shown again.", err=True)
    for key, value in made.items():
        if value:
            click.echo(f"{key}\t{value}")


def _picture(text: str) -> str:
    """A QR symbol for a terminal: two rows of modules a line, dark on light whatever the theme."""
    rows = modules(text)
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    halves = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
    lines = (
        "".join(halves[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    )
    return "\n".join(f"\x1b[30;47m{line}\x1b[0m" for line in lines)
