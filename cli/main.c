#include <string.h>
#include "cli/guard.h"
int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "guard") == 0)
        return rota_guard_main(argc - 1, argv + 1);
    return 2;
}
