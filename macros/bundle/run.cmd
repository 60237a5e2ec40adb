@echo off
rem ASCII only: what people read is printed by Python, or typed from a text in UTF-8.
rem run.cmd install or remove: looks for a Python that fits and hands over to start.py, which says 90 of one that does not.
setlocal
set PYTHONHOME=
set PYTHONPATH=
set "job=%~1"
set "here=%~dp0"
set "place=%LOCALAPPDATA%\xl_addin"
set code=90
call :search
if %code%==90 call :offer
if %code%==90 call :say no-python.txt
if %code%==90 set code=1
if not %code%==0 goto end
if %job%==remove if exist "%place%\python" rmdir /s /q "%place%"
:end
exit /b %code%

:search
if exist "%place%\python\python.exe" call :try "%place%\python\python.exe"
for %%v in (3.13 3.12 3.14 3.11) do call :launch %%v
for /f "delims=" %%p in ('dir /b /ad "%LOCALAPPDATA%\Programs\Python\Python3*" 2^>nul') do call :look "%LOCALAPPDATA%\Programs\Python\%%p\python.exe"
for /f "delims=" %%p in ('dir /b /ad "%ProgramFiles%\Python3*" 2^>nul') do call :look "%ProgramFiles%\%%p\python.exe"
for %%d in (C D) do for /f "delims=" %%p in ('dir /b /ad "%%d:\Python3*" 2^>nul') do call :look "%%d:\%%p\python.exe"
for %%k in (HKCU HKLM) do for /f "tokens=2,*" %%a in ('reg query %%k\Software\Python\PythonCore /s 2^>nul ^| find "ExecutablePath"') do call :look "%%b"
set "folders=%PATH:"=%"
for %%d in ("%folders:;=" "%") do call :look "%%~d\python.exe"
goto :eof

:launch
set "py=%SystemRoot%\py.exe"
if not exist "%py%" set "py=%LOCALAPPDATA%\Programs\Python\Launcher\py.exe"
if not exist "%py%" goto :eof
"%py%" -%1 -c "" >nul 2>nul
if not errorlevel 1 call :try "%py%" -%1
goto :eof

:look
if not exist "%~1" goto :eof
rem Below WindowsApps is what only opens the store.
echo "%~1" | find /i "\WindowsApps\" >nul
if errorlevel 1 call :try "%~1"
goto :eof

:try
if not %code%==90 goto :eof
%* -I "%here%start.py" %job%
if %errorlevel%==0 set code=0
if %errorlevel%==91 set code=1
goto :eof

:offer
if not %job%==install goto :eof
set file=
for /f "delims=" %%f in ('dir /b "%here%..\cpython-3.*-x86_64-pc-windows-msvc-install_only*.tar.gz" 2^>nul') do set "file=%%f"
for /f "delims=" %%f in ('dir /b "%here%..\python-3.*-amd64.exe" 2^>nul') do set "file=%%f"
if "%file%"=="" goto :eof
call :say offer.txt
set answer=Y
set /p "answer=%file% [Y/N] "
if /i not "%answer%"=="Y" goto :eof
if /i "%file:~-4%"==".exe" (
    start /wait "" "%here%..\%file%" /passive InstallAllUsers=0 PrependPath=0 Include_launcher=0 Include_test=0 AssociateFiles=0 Shortcuts=0
) else (
    mkdir "%place%" 2>nul
    tar -xzf "%here%..\%file%" -C "%place%"
)
call :search
goto :eof

:say
for /f "tokens=2 delims=:." %%c in ('chcp') do set page=%%c
chcp 65001 >nul
type "%here%%~1"
if not "%page%"=="" chcp %page% >nul
goto :eof
