"""ms-swift's own training, with the times of its steps written down. ``train_ms_swift.py SETTINGS OUT``.

Its templates of the Qwen family hold the picture token's number of the published vocabulary (151655); the template
registered here takes it from the model's own config.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path

from step_times import StepTimes
from swift.callbacks import callbacks_map
from swift.pipelines import sft_main
from swift.template import TEMPLATE_MAPPING, register_template
from swift.template.templates.qwen import Qwen3VLTemplate


class OwnVocabulary(Qwen3VLTemplate):
    """Qwen3-VL with another vocabulary."""

    def init_processor(self, processor):
        super().init_processor(processor)
        if processor is not None:
            self.image_token_id = self.config.image_token_id
            self.video_token_id = self.config.video_token_id


def main(settings: Path, out: Path) -> None:
    register_template(replace(TEMPLATE_MAPPING["qwen3_vl"], template_type="own_vocabulary", template_cls=OwnVocabulary))
    callbacks_map["step_times"] = lambda args, trainer: StepTimes(out)
    given = json.loads(settings.read_text()) | {"template": "own_vocabulary", "callbacks": "step_times"}
    sft_main([word for name, value in given.items() for word in (f"--{name}", str(value))])


main(Path(sys.argv[1]), Path(sys.argv[2]))
