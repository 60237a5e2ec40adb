/* The python.exe of a virtual environment: starts the one that pyvenv.cfg names and says where it was called. */
#include <windows.h>
#include <stdio.h>

int wmain(void)
{
    static wchar_t own[4096], path[4096], line[8192], command[40000];
    wchar_t home[4096] = L"", *rest = GetCommandLineW();
    GetModuleFileNameW(NULL, own, 4000);
    lstrcpyW(path, own);
    *wcsrchr(path, L'\\') = 0;
    lstrcpyW(wcsrchr(path, L'\\') + 1, L"pyvenv.cfg");
    FILE *file = _wfopen(path, L"r, ccs=UTF-8");
    while (file && fgetws(line, 8000, file))
        swscanf(line, L"home = %4000l[^\r\n]", home);
    if (!home[0])
        return 106;
    int quoted = *rest == L'"';
    for (rest += quoted; *rest && *rest != (quoted ? L'"' : L' '); rest++)
        ;
    swprintf(command, 40000, L"\"%ls\\python.exe\"%ls", home, rest + (quoted && *rest));
    SetEnvironmentVariableW(L"__PYVENV_LAUNCHER__", own);
    STARTUPINFOW start = {sizeof start};
    PROCESS_INFORMATION child;
    DWORD code = 107;
    GetStartupInfoW(&start);
    if (CreateProcessW(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &start, &child)) {
        WaitForSingleObject(child.hProcess, INFINITE);
        GetExitCodeProcess(child.hProcess, &code);
    }
    return code;
}
