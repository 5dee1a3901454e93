#include "cli/runner/process_tree.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "system/memory.h"

/* Reads /proc/<pid>/stat. False if the process has ended. The name in it may hold any character, so
 * the fields are counted from its last parenthesis. */
static bool read_process(const char *pid, struct rota_process_info *process)
{
    char path[64];
    char line[1024];

    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    size_t length = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    line[length] = '\0';
    const char *rest = strrchr(line, ')');
    char state;
    int parent;
    int group;
    int session;
    unsigned long long started;
    if (rest == NULL ||
        sscanf(rest + 1,
               " %c %d %d %d %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
               &state, &parent, &group, &session, &started) != 5)
        return false;
    *process = (struct rota_process_info){.pid = (pid_t)strtol(pid, NULL, 10),
                                          .parent = parent,
                                          .group = group,
                                          .session = session,
                                          .started = started};
    return state != 'Z' && state != 'X';
}

static void add(struct rota_process_tree *t, const struct rota_process_info *process)
{
    t->members = rota_memory_extend(t->members, t->count, &t->capacity, sizeof *t->members);
    t->members[t->count++] = *process;
}

static void read_all(struct rota_process_tree *t)
{
    t->count = 0;
    DIR *folder = opendir("/proc");
    if (folder == NULL)
        return;
    const struct dirent *entry;
    struct rota_process_info process;
    while ((entry = readdir(folder)) != NULL)
        if (isdigit((unsigned char)entry->d_name[0]) && read_process(entry->d_name, &process))
            add(t, &process);
    closedir(folder);
}

static int compare(const void *a, const void *b)
{
    pid_t x = ((const struct rota_process_info *)a)->pid;
    pid_t y = ((const struct rota_process_info *)b)->pid;

    return (x > y) - (x < y);
}

static bool is_marked(const struct rota_process_tree *t, pid_t pid)
{
    struct rota_process_info key = {.pid = pid};
    const struct rota_process_info *process =
        bsearch(&key, t->members, t->count, sizeof key, compare);

    return process != NULL && process->marked;
}

/* Process ids wrap around, so a child may be sorted before its parent; hence the repetition. */
static void spread_from(struct rota_process_tree *t, pid_t root)
{
    bool more = t->count > 0;

    while (more) {
        more = false;
        for (uint32_t i = 0; i < t->count; i++) {
            struct rota_process_info *process = &t->members[i];

            if (!process->marked && (process->parent == root || is_marked(t, process->parent)))
                process->marked = more = true;
        }
    }
}

void rota_process_tree_read(struct rota_process_tree *t, pid_t root)
{
    read_all(t);
    if (t->count > 0)
        qsort(t->members, t->count, sizeof *t->members, compare);
    spread_from(t, root);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < t->count; i++)
        if (t->members[i].marked) {
            t->members[kept] = t->members[i];
            t->members[kept++].marked = false;
        }
    t->count = kept;
}

void rota_process_tree_spread(struct rota_process_tree *t)
{
    enum { NO_PROCESS = -1 };

    spread_from(t, NO_PROCESS);
}

void rota_process_tree_close(struct rota_process_tree *t)
{
    free(t->members);
    *t = (struct rota_process_tree){0};
}

uint64_t rota_process_tree_start_of(const struct rota_process_tree *t, pid_t pid)
{
    for (uint32_t i = 0; i < t->count; i++)
        if (t->members[i].pid == pid)
            return t->members[i].started;
    return 0;
}

bool rota_process_tree_environment_has(pid_t pid, const char *entry)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    char *text = NULL;
    size_t size = 0;
    bool found = false;
    while (!found && getdelim(&text, &size, '\0', file) > 0)
        found = strcmp(text, entry) == 0;
    free(text);
    fclose(file);
    return found;
}

bool rota_process_tree_read_children(struct rota_process_tree *t)
{
    char path[64];
    int pid;

    t->count = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    while (fscanf(file, "%d", &pid) == 1)
        add(t, &(struct rota_process_info){.pid = pid});
    fclose(file);
    return true;
}
