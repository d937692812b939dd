"""Commands of an administrator: `flask --app wsgi <group> <command>`."""

import sys
from collections.abc import Callable
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup

from search_index import IndexUnusable
from tongyan.accounts import authentication, factors, recovery, service
from tongyan.accounts.models import Person
from tongyan.curriculum import seeding
from tongyan.kernel import audit as trail
from tongyan.kernel import search_jobs
from tongyan.kernel.permissions import SYSTEM
from tongyan.kernel.schema import alembic_config

db_group = AppGroup("db", help="数据库结构 (schema)")
audit_group = AppGroup("audit", help="审计记录 (audit trail)")
people_group = AppGroup("people", help="账号 (accounts)")
curriculum_group = AppGroup("curriculum", help="教材目录 (curriculum)")
demo_group = AppGroup("demo", help="演示集团 (demo group)")
search_group = AppGroup("search", help="检索索引 (search index)")


def register(app: Flask) -> None:
    """Add the groups to the application."""
    for group in (db_group, audit_group, people_group, curriculum_group, search_group, demo_group):
        app.cli.add_command(group)


def _alembic(verb: str, *args: Any, **options: Any) -> None:
    from alembic import command  # noqa: PLC0415 # every process imports this module; few migrate

    getattr(command, verb)(alembic_config(), *args, **options)


@db_group.command("upgrade")
def db_upgrade() -> None:
    """Bring the schema, and the curriculum in it, to the newest version."""
    _alembic("upgrade", "head")
    seeding.import_seed()


@db_group.command("check")
def db_check() -> None:
    """Fail when the models and the migrations differ."""
    _alembic("check")


@db_group.command("revision")
@click.argument("message")
def db_revision(message: str) -> None:
    """Write a migration for the difference between models and database."""
    _alembic("revision", message, autogenerate=True)


@audit_group.command("verify")
def audit_verify() -> None:
    """Walk the audit chain; exit 1 and name every gap."""
    gaps = trail.verify()
    for gap in gaps:
        click.echo(f"{gap.seq}: {gap.reason}")
    click.echo(f"{len(gaps)} gaps")
    sys.exit(1 if gaps else 0)


@people_group.command("create-admin")
@click.argument("name")
@click.argument("login")
def people_create_admin(name: str, login: str) -> None:
    """Create an administrator and print the one-time link with which they set their password."""
    person = service.create_person(SYSTEM, name=name, login=login, is_admin=True)
    click.echo(recovery.start_reset(SYSTEM, person.id).url)


@people_group.command("link")
@click.argument("login")
def people_link(login: str) -> None:
    """Print a one-time link with which a person sets a new password."""
    click.echo(recovery.start_reset(SYSTEM, _person(login).id).url)


@people_group.command("release-factor")
@click.argument("login")
def people_release_factor(login: str) -> None:
    """Remove the lost second factor of a person (when there is no second administrator to agree)."""
    factors.release(SYSTEM, _person(login).id)


@people_group.command("encrypt-factors")
def people_encrypt_factors() -> None:
    """Encrypt all second factors with today's SECRET_KEY, before an older one is thrown away."""
    click.echo(f"{factors.encrypt_anew()} encrypted anew")


def _person(login: str) -> Person:
    person = authentication.find_person(login)
    if person is None:
        raise click.ClickException(f"no such person: {login}")
    return person


@curriculum_group.command("import")
def curriculum_import() -> None:
    """Bring the tree to what the seed file says; what administrators changed stays."""
    done = seeding.import_seed()
    click.echo(f"added {done.added}, changed {done.changed}, kept {done.kept}")


@search_group.command("rebuild")
def search_rebuild() -> None:
    """Build the search index anew from the database; people go on searching the old one meanwhile.

    One that was interrupted is taken up where it was.
    """
    click.echo(f"{search_jobs.rebuild(_told())} documents")


def _told() -> Callable[[int], None]:
    """Return what prints each percentage once."""
    told = [-1]

    def tell(percent: int) -> None:
        if percent != told[-1]:
            told[:] = [percent]
            click.echo(f"{percent} %", err=True)

    return tell


@search_group.command("check")
def search_check() -> None:
    """Read the whole index and compare it with the database; exit 1 when it is damaged or differs."""
    try:
        found = search_jobs.check()
    except IndexUnusable as reason:
        raise click.ClickException(f"unusable ({reason}): run `search rebuild`") from reason
    click.echo(f"{found.documents} documents, {len(found.differing)} differ")
    sys.exit(1 if found.differing else 0)


@demo_group.command("load")
def demo_load() -> None:
    """Load the demo group into an empty database and print the accounts to try; loading twice changes nothing."""
    from tongyan.demo import service as demo  # noqa: PLC0415 # few load a demo
    from tongyan.demo.showing import account_table  # noqa: PLC0415 # as above

    try:
        accounts = demo.load(lambda line: click.echo(f"  {line}", err=True))
    except demo.DemoRefused as refused:
        raise click.ClickException(str(refused)) from refused
    for line in account_table(accounts):
        click.echo(line)
