"""File names that every file system takes."""

from xl_addin.system.filenames import plain_name


def test_signs_that_a_file_system_refuses_are_gone_and_chinese_stays():
    assert plain_name('甲/乙\\丙:丁*?"<>|\n.xlsx') == "甲_乙_丙_丁_______.xlsx"
    assert plain_name("填报表（2023）.xlsx") == "填报表（2023）.xlsx"
