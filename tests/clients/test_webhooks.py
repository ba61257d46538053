"""A webhook as a receiver in Node has it: verified by the npm package of Standard Webhooks."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Final

from tests.aws import Deployment
from tests.receiver import receiver

VERIFY: Final = """\
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";

const [secrets, sent] = [process.argv[2].split(","), JSON.parse(readFileSync(0, "utf-8"))];
const told = secrets.map((secret) => {
  try {
    return new Webhook(secret).verify(sent.body, sent.headers).type;
  } catch (error) {
    return error.message;
  }
});
console.log(JSON.stringify(told));
"""


def test_the_npm_package_verifies_what_is_sent_with_the_secret_of_before_too(
    deployment: Deployment, node_modules: Path, tmp_path: Path
) -> None:
    """While a secret is rotated there are two signatures; one that is nobody's is refused."""
    (tmp_path / "node_modules").symlink_to(node_modules)
    (tmp_path / "verify.mjs").write_text(VERIFY, encoding="utf-8")
    path = "/v1/webhook-endpoints/node"
    with receiver() as target:
        first = deployment.put(path, {"url": target.url, "types": ["*"]}).body["secret"]
        second = deployment.post(f"{path}/rotation", {}).body["secret"]
        deployment.post(f"{path}/test", {})
        assert deployment.call() == []
        (one,) = target.received
    nobodys = "whsec_" + "A" * 43 + "="
    done = subprocess.run(
        [str(shutil.which("node")), "verify.mjs", f"{first},{second},{nobodys}"],
        input=json.dumps({"body": one.body.decode(), "headers": one.headers}),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [
        "scrip.webhook.test",
        "scrip.webhook.test",
        "No matching signature found",
    ]
