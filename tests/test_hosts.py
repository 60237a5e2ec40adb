"""The master as a file and live in Excel: one contract, one set of tests."""

import pytest

from tests import masters
from xl_addin.config import read_config
from xl_addin.host_excel import ExcelHost, import_xlwings


@pytest.fixture(params=["file", pytest.param("live", marks=pytest.mark.libreoffice)])
def host_of(request, tmp_path):
    """``host_of(data)``: the host of a master with these bytes."""
    if request.param == "file":
        return lambda data=None: masters.host(tmp_path, data)
    request.getfixturevalue("excel")
    return lambda data=None: live(tmp_path, data)


def live(tmp_path, data=None):
    path = tmp_path / "任务 文件夹" / "master.xlsm"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data or masters.master())
    return ExcelHost(import_xlwings().Book(str(path)))


def test_settings_are_read_as_they_stand(host_of):
    config = read_config(host_of())
    assert config.problems == ()
    assert config.districts == masters.DISTRICTS
    assert config.indicators == masters.INDICATORS
    assert (config.targets, config.published) == (masters.TARGETS, masters.PUBLISHED)
