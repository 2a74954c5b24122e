// Windows only: N-API functions are imported from NODE.EXE by name, but the process may be Electron's. The delay-load
// hook answers that import with the executable that runs.
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#include <delayimp.h>
#include <string.h>

static FARPROC WINAPI find_host(unsigned int event, DelayLoadInfo * info) {
    if (event != dliNotePreLoadLibrary || _stricmp(info->szDll, "NODE.EXE") != 0) {
        return nullptr;
    }
    return (FARPROC) GetModuleHandleW(nullptr);
}

extern "C" const PfnDliHook __pfnDliNotifyHook2 = find_host;
