"""Whether staff typed something into the lists that no sheet and no ledger knows yet."""

from __future__ import annotations

from xl_addin.master.mend.lists import Preview, added_names
from xl_addin.master.mend.mend import plan_steps
from xl_addin.master.read.config import read_basics, with_targets
from xl_addin.services.programme import Programme
from xl_addin.services.target_history import new_adjustments


def waits_to_be_registered(programme: Programme) -> bool:
    """Whether ``amend`` would have anything to do."""
    host = programme.host
    preview = Preview(host)
    config = with_targets(read_basics(preview), preview)
    return bool(
        added_names(host, ())
        or plan_steps(host, config)
        or new_adjustments(programme.ledger, preview, config).changes
    )
