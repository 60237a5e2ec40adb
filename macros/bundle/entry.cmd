@echo off
if exist "%~dp0files\run.cmd" goto here
chcp 65001 >nul
echo 请先解压：在压缩包上点右键，选“全部解压缩”或“解压到……”，再到解压出来的文件夹里双击。
echo Unpack first: right-click the archive, extract all, then double-click in the new folder.
pause
exit /b 1
:here
set "XL_ADDIN_GIVEN=%~1"
call "%~dp0files\run.cmd" {job}
set result=%errorlevel%
pause
exit /b %result%
