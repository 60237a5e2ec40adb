/* python.exe: the interpreter is in the library beside it, whose own folder its libraries are looked for in. */
#include <windows.h>

typedef int (*entry)(int, wchar_t **);

int wmain(int count, wchar_t **words)
{
    wchar_t path[4096];
    GetModuleFileNameW(NULL, path, 4000);
    lstrcpyW(wcsrchr(path, L'\\') + 1, L"python311.dll");
    HMODULE library = LoadLibraryExW(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    entry run = library ? (entry)(void *)GetProcAddress(library, "Py_Main") : NULL;
    return run ? run(count, words) : 99;
}
