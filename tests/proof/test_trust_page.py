"""The steps of docs/trust.md for a machine without cpod are run as they stand there."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from sessions import foundation, openings

PAGE = Path(__file__).parents[2] / "docs" / "trust.md"


@pytest.fixture
def steps():
    """The shell blocks of the section for auditors without cpod."""
    section = PAGE.read_text("utf-8").partition("## Checking without cpod")[2].partition("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


def shell(script):
    return subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("event", ["e1", "e12", "e33"])
def test_the_steps_without_cpod(cpod, send, steps, event):
    """With openssl and a shell an auditor gets the same verdicts, good and bad."""
    if shutil.which("openssl") is None:
        print("skipped: openssl is not installed")
        return
    ran = cpod("key", "new", "--output", "seal.key", "--name", "ledger.example/contoso")
    Path("contoso.vkey").write_text(ran.out)
    send([*foundation(), *openings(10, 25)])
    cpod("seal", "--key", "seal.key", "--output", "june.checkpoint")
    cpod("prove", "urn:desk", event, "--output", "e.tlog-proof", "--leaf", "e.leaf")
    signature, leaf, inclusion = steps
    assert "Verified Successfully" in shell(signature).stdout
    assert f'"id":"{event}"' in shell(leaf).stdout
    assert shell(inclusion).stdout == "it holds\n"
    Path("e.leaf").write_bytes(Path("e.leaf").read_bytes() + b" ")
    assert shell(inclusion).stdout == ""
    text = Path("june.checkpoint").read_text("utf-8")
    Path("june.checkpoint").write_text(text.replace("\n29\n", "\n28\n"), "utf-8")
    assert shell(signature).returncode != 0
