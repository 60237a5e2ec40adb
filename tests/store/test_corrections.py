"""Which form went back for which return."""

from tests.store.test_ledger import run
from xl_addin.store.corrections import (
    CorrectionForm,
    add_correction,
    last_correction,
    times_returned,
)


def test_of_the_forms_that_went_back_for_a_return_the_last_is_known(ledger):
    forms = [
        CorrectionForm("r", "2023-01", "A", 2, "a", "a.xlsx"),
        CorrectionForm("r", "2023-01", "A", 3, "b", "b.xlsx"),
        CorrectionForm("r", "2023-01", "B", 2, "c", "c.xlsx"),
        CorrectionForm("other", "2023-01", "A", 4, "d", "d.xlsx"),
        CorrectionForm("r", "2023-02", "A", 5, "e", "e.xlsx"),
    ]
    with ledger.writing():
        for form in forms:
            add_correction(ledger, form)
        run(ledger, "return")
    assert last_correction(ledger, "r", "A", "2023-01") == forms[1]
    assert last_correction(ledger, "r", "B", "2023-01") == forms[2]
    assert last_correction(ledger, "r", "B", "2023-02") is None
    assert times_returned(ledger, "2023-01") == {"A": 3, "B": 1}
    assert times_returned(ledger, "2023-03") == {}
