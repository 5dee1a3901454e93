#include "bench/process_usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_SIZE = 1024 };

static FILE *open_file(pid_t pid, const char *name)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    return fopen(path, "re");
}

/* Of the fields behind the command's name, which may hold spaces, the 12th is the user time in
 * ticks and the 13th the system time. */
double rota_process_usage_cpu_seconds(pid_t pid)
{
    char line[LINE_SIZE] = "";
    FILE *f = open_file(pid, "stat");

    if (f == NULL)
        return 0;
    char *field = fgets(line, sizeof line, f) != NULL ? strrchr(line, ')') : NULL;
    fclose(f);
    for (int i = 0; field != NULL && i < 12; i++)
        field = strchr(field + 1, ' ');
    if (field == NULL)
        return 0;
    unsigned long ticks = strtoul(field, &field, 10);
    ticks += strtoul(field, NULL, 10);
    return (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

long rota_process_usage_peak_kib(pid_t pid)
{
    char line[LINE_SIZE];
    long kib = 0;
    FILE *f = open_file(pid, "status");

    if (f == NULL)
        return 0;
    while (fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, "VmHWM:", 6) == 0)
            kib = strtol(line + 6, NULL, 10);
    fclose(f);
    return kib;
}
