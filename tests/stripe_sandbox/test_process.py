"""The sandbox as a process of its own."""

import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import stripe

from .conftest import ROOT, Inbox, start, stop

_FOREIGN = """
import sys
import marketplace.stripe_sandbox.server
ours = [name for name in sys.modules if name.startswith("marketplace.")]
strange = {"flask", "sqlalchemy", "stripe", "pydantic", "dbos"} & set(sys.modules)
print(sorted(name for name in ours if not name.startswith("marketplace.stripe_sandbox")), sorted(strange))
"""


def test_it_loads_nothing_of_the_product() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", _FOREIGN], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert loaded.stdout.split() == ["[]", "[]"]


def test_a_killed_sandbox_remembers_its_objects_its_keys_and_its_deliveries(
    inbox: Inbox, tmp_path: Path
) -> None:
    process, address = start(inbox, tmp_path / "killed.sqlite")
    inbox.refuse = b"Survivor"
    before = stripe.StripeClient("sk_test_sandbox", base_addresses={"api": address})
    made = before.v1.customers.create({"name": "Survivor"}, {"idempotency_key": "survivor"})
    inbox.about("customer.created", made.id)
    stop(process)
    process, address = start(inbox, tmp_path / "killed.sqlite")
    after = stripe.StripeClient("sk_test_sandbox", base_addresses={"api": address})
    assert after.v1.customers.create({"name": "Survivor"}, {"idempotency_key": "survivor"}).id == made.id
    inbox.wait(lambda body: body.get("data", {}).get("object", {}).get("id") == made.id, times=2)
    stop(process)


def test_forms_of_other_sites_and_other_names_are_refused(sandbox: str) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Host": "evil.example:80"}):
        answer = _post(sandbox, headers)
        assert answer == 403


def _post(sandbox: str, headers: dict[str, str]) -> int:
    request = urllib.request.Request(f"{sandbox}/_faults", b"clear=yes", headers)
    try:
        return int(urllib.request.urlopen(request, timeout=10).status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
