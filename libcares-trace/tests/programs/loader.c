/* A program without c-ares, which loads a module that brings it along, for that alone. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv) {
    if (argc < 4) return 2;
    void *handle = dlopen(argv[3], RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        printf("no module: %s\n", dlerror());
        return 1;
    }
    int (*module_ask)(const char *) = (int (*)(const char *))dlsym(handle, "module_ask");
    printf("module %d\n", module_ask(argv[2]));
    /* What it does not find is its own affair, and what we did not find is not. */
    const char *error = dlerror();
    printf("error %s\nend\n", error ? error : "none");
    return 0;
}
