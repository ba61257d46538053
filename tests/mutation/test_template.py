"""What a small change of the template is."""

from __future__ import annotations

from pathlib import Path

import yaml

from mutation.template import changes

TEXT = """\
Description: Not this
Alarm:
  Type: AWS::CloudWatch::Alarm
  Properties:
    Threshold: 5
    Dimensions:
      - { Name: QueueName, Value: !GetAtt Queue.QueueName }
      - { Name: Stage, Value: prod }
# Of the next.
Queue:
  Type: AWS::SQS::Queue
"""


def test_values_change_and_members_and_items_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(TEXT, encoding="utf-8")

    made = {change.applied(TEXT.encode()).decode() for change in changes(file, tmp_path)}

    assert TEXT.replace("Threshold: 5", "Threshold: 6") in made
    assert TEXT.replace("    Threshold: 5\n", "") in made
    assert TEXT.replace("      - { Name: Stage, Value: prod }\n", "") in made
    assert TEXT.replace("!GetAtt Queue.QueueName", "!GetAtt Queue.QueueNamex") in made
    assert TEXT.replace("  Type: AWS::CloudWatch::Alarm\n", "") in made
    assert TEXT[: TEXT.index("Alarm:")] + TEXT[TEXT.index("# Of") :] in made, (
        "a whole entry, and nothing of the next"
    )
    assert not any("Not thisx" in text for text in made)
    for text in made:
        assert yaml.compose(text) is not None
