"""What a run asks for, done stage by stage.

Each stage leaves a folder of files, which appears whole or not at all and is all that the next one reads. A
stage that is done is not done again; one that was broken off has left nothing. So whoever takes a run up goes
on from the last folder that is there.
"""

from __future__ import annotations

from conformity.pipeline.staged.doing import carry_out, stages_of

__all__ = ["carry_out", "stages_of"]
