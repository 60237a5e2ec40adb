/* python3.dll: nothing of its own, every name leads to python311.dll. */
int __stdcall DllMain(void *module, unsigned reason, void *reserved) { return 1; }
