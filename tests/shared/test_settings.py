"""Settings are checked before anything starts; what is wrong is named with its remedy, and the exit code is 2."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared.chassis.auth import make_keys
from shared.chassis.settings import SERVICES, BadSetting, read_settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def given(tmp_path: Path) -> dict[str, str]:
    """Everything that must be set, and nothing more."""
    make_keys(tmp_path / "keys", issuers=SERVICES)
    return {
        "NUAN_PAYMENTS_DATABASE_URL": "postgresql://nuan_payments:s3cret@127.0.0.1:9/nuan_payments",
        "NUAN_BUS_URL": "amqp://nuan:s3cret@127.0.0.1:9/nuan",
        "NUAN_KEYS": str(tmp_path / "keys"),
        "NUAN_ACCOUNTS_URL": "http://127.0.0.1:8101",
        "NUAN_PAYMENTS_URL": "http://127.0.0.1:8102",
        "NUAN_BANK_GATEWAY_URL": "http://127.0.0.1:8103",
    }


@pytest.fixture
def environment(given: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in [name for name in os.environ if name.startswith("NUAN_")]:
        monkeypatch.delenv(name)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def refused() -> BadSetting:
    with pytest.raises(BadSetting) as refusal:
        read_settings("payments")
    return refusal.value


def test_what_is_given_is_enough_and_the_rest_has_defaults(environment: pytest.MonkeyPatch) -> None:
    settings = read_settings("payments")
    assert settings.environment == "production" and not settings.is_trial
    assert settings.web_bind == "127.0.0.1:8102"
    assert (settings.web_workers, settings.web_threads, settings.pool_size, settings.poll_seconds) == (1, 8, 10, 2.0)
    assert settings.worker_bind is None and settings.work_folder is None


def test_passwords_are_not_shown(environment: pytest.MonkeyPatch) -> None:
    assert "s3cret" not in repr(read_settings("payments"))


@pytest.mark.parametrize("name", [
    "NUAN_PAYMENTS_DATABASE_URL", "NUAN_BUS_URL", "NUAN_KEYS", "NUAN_ACCOUNTS_URL", "NUAN_PAYMENTS_URL",
    "NUAN_BANK_GATEWAY_URL",
])  # fmt: skip
@pytest.mark.parametrize("empty", [True, False])
def test_what_is_required_is_missed_by_its_name(environment: pytest.MonkeyPatch, name: str, empty: bool) -> None:
    if empty:
        environment.setenv(name, "")
    else:
        environment.delenv(name)
    refusal = refused()
    assert (refusal.facts["place"], refusal.detail) == (name, "is not set")
    assert "settings.example.env" in refusal.remedy


@pytest.mark.parametrize(("name", "value", "reason"), [
    ("NUAN_PAYMENTS_DATABASE_URL", "mysql://a/b", "must begin with one of postgresql://"),
    ("NUAN_PAYMENTS_DATABASE_URL", "postgresql://a:b@127.0.0.1", "names no database"),
    ("NUAN_PAYMENTS_DATABASE_URL", "postgresql://a:b@127.0.0.1:port/c", "its port must be a number"),
    ("NUAN_PAYMENTS_DATABASE_URL", "postgresql://a:b@127.0.0.1/c\r", "has blanks or a line end around it"),
    ("NUAN_BUS_URL", "redis://127.0.0.1", "must begin with one of amqp://"),
    ("NUAN_BUS_URL", " amqp://127.0.0.1", "has blanks or a line end around it"),
    ("NUAN_ACCOUNTS_URL", "http://", "names no host"),
    ("NUAN_ACCOUNTS_URL", "127.0.0.1:8101", "must begin with one of http://"),
    ("NUAN_ACCOUNTS_URL", "http://127.0.0.1:99999", "its port must be a number"),
    ("NUAN_KEYS", "/nowhere/keys", "this folder does not exist"),
    ("NUAN_POOL_SIZE", "0", "must be a whole number from 2 to 200"),
    ("NUAN_POOL_SIZE", "ten", "must be a whole number from 2 to 200"),
    ("NUAN_POOL_SIZE", "１０", "must be a whole number from 2 to 200"),
    ("NUAN_POLL_MILLISECONDS", "-5", "must be a whole number from 10 to 60000"),
    ("NUAN_WEB_WORKERS", "0", "must be a whole number from 1 to 32"),
    ("NUAN_WEB_THREADS", "1e3", "must be a whole number from 1 to 64"),
    ("NUAN_BIND", "8102", "must be HOST:PORT"),
    ("NUAN_WORKER_BIND", "0.0.0.0:99999", "must be HOST:PORT"),
    ("NUAN_ENVIRONMENT", "Production!", "must be a word of small letters"),
    ("NUAN_STORY_CLOCK", "/clock", "only for environments named story"),
])  # fmt: skip
def test_what_cannot_be_meant_is_refused(environment: pytest.MonkeyPatch, name: str, value: str, reason: str) -> None:
    environment.setenv(name, value)
    refusal = refused()
    assert refusal.facts["place"] == name
    assert reason in refusal.detail


@pytest.mark.parametrize(("file", "reason"), [
    ("payments.1.key", "no private key of payments"),
    ("accounts.1.pub", "no public key of accounts"),
])  # fmt: skip
def test_a_folder_without_the_keys_is_refused(
    environment: pytest.MonkeyPatch, given: dict[str, str], file: str, reason: str
) -> None:
    (Path(given["NUAN_KEYS"]) / file).unlink()
    refusal = refused()
    assert refusal.facts["place"] == "NUAN_KEYS"
    assert reason in refusal.detail


def test_a_secret_may_lie_in_a_file(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("amqp://nuan:other@127.0.0.1:9/nuan\n")
    environment.delenv("NUAN_BUS_URL")
    environment.setenv("NUAN_BUS_URL_FILE", str(tmp_path / "url"))
    assert read_settings("payments").bus_url == "amqp://nuan:other@127.0.0.1:9/nuan"


def test_a_value_and_a_file_for_it_are_refused(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("NUAN_BUS_URL_FILE", str(tmp_path / "url"))
    assert refused().facts["place"] == "NUAN_BUS_URL"


def test_a_file_that_cannot_be_read_is_refused(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.delenv("NUAN_BUS_URL")
    environment.setenv("NUAN_BUS_URL_FILE", str(tmp_path / "url"))
    refusal = refused()
    assert refusal.facts["place"] == "NUAN_BUS_URL_FILE"
    assert "FileNotFoundError" in refusal.detail


def ended(half: str, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("NUAN_")}
    return subprocess.run([sys.executable, "-m", "services.payments", half], env={**plain, **variables}, cwd=ROOT,
                          capture_output=True, text=True, check=False, timeout=60)  # fmt: skip


@pytest.mark.parametrize("half", ["web", "worker"])
def test_a_process_that_is_refused_ends_with_2_and_one_line(given: dict[str, str], half: str) -> None:
    done = ended(half, {**given, "NUAN_BUS_URL": ""})
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("payments: NUAN_BUS_URL: is not set (bad_setting). Correct the environment variable")
    assert done.stderr.count("\n") == 1


def test_a_half_that_does_not_exist_is_misuse(given: dict[str, str]) -> None:
    done = ended("wep", given)
    assert (done.returncode, done.stderr) == (2, "usage: python -m services.payments web|worker\n")


def test_a_database_that_does_not_answer_may_be_tried_again(given: dict[str, str]) -> None:
    done = ended("web", given)
    assert done.returncode == 1
    assert done.stderr.startswith("payments: the database does not answer: ")
    assert done.stderr.count("\n") == 1
    assert "s3cret" not in done.stderr


def test_folders_are_found_from_wherever_the_process_works(environment: pytest.MonkeyPatch) -> None:
    """Flask looks for a file with a relative name beside its own code: an export was written and could not be fetched."""
    environment.setenv("NUAN_WORK_FOLDER", "work")
    folder = read_settings("payments").work_folder
    assert folder is not None and folder == Path.cwd() / "work"
