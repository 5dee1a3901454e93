#include "cli/runner/process_tree.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/base/memory.h"

/* Reads one process's line of /proc/<pid>/stat. False if it has ended. The name in it may hold
 * anything, so fields are counted from its last parenthesis. */
static bool read_kin(const char *pid, struct rota_process_info *kin)
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
    *kin = (struct rota_process_info){.pid = (pid_t)strtol(pid, NULL, 10),
                                      .parent = parent,
                                      .group = group,
                                      .session = session,
                                      .started = started};
    return state != 'Z' && state != 'X';
}

static void add(struct rota_process_tree *f, const struct rota_process_info *kin)
{
    if (f->count == f->capacity) {
        f->capacity = 2 * f->capacity + 64;
        f->members = rota_grow(f->members, f->capacity * sizeof *f->members);
    }
    f->members[f->count++] = *kin;
}

static void read_everyone(struct rota_process_tree *f)
{
    f->count = 0;
    DIR *folder = opendir("/proc");
    if (folder == NULL)
        return;
    const struct dirent *entry;
    struct rota_process_info kin;
    while ((entry = readdir(folder)) != NULL)
        if (isdigit((unsigned char)entry->d_name[0]) && read_kin(entry->d_name, &kin))
            add(f, &kin);
    closedir(folder);
}

static int compare(const void *a, const void *b)
{
    pid_t x = ((const struct rota_process_info *)a)->pid;
    pid_t y = ((const struct rota_process_info *)b)->pid;
    return (x > y) - (x < y);
}

static bool is_marked(const struct rota_process_tree *f, pid_t pid)
{
    struct rota_process_info key = {.pid = pid};
    const struct rota_process_info *kin = bsearch(&key, f->members, f->count, sizeof key, compare);
    return kin != NULL && kin->marked;
}

/* Numbers wrap around, so a child may stand before its parent: repeat until nothing changes. */
static void spread_from(struct rota_process_tree *f, pid_t root)
{
    bool more = f->count > 0;
    while (more) {
        more = false;
        for (size_t i = 0; i < f->count; i++) {
            struct rota_process_info *kin = &f->members[i];
            if (!kin->marked && (kin->parent == root || is_marked(f, kin->parent)))
                kin->marked = more = true;
        }
    }
}

void rota_process_tree_read(struct rota_process_tree *f, pid_t root)
{
    read_everyone(f);
    if (f->count > 0)
        qsort(f->members, f->count, sizeof *f->members, compare);
    spread_from(f, root);
    size_t kept = 0;
    for (size_t i = 0; i < f->count; i++)
        if (f->members[i].marked) {
            f->members[kept] = f->members[i];
            f->members[kept++].marked = false;
        }
    f->count = kept;
}

void rota_process_tree_spread(struct rota_process_tree *f)
{
    enum { NOBODY = -1 };
    spread_from(f, NOBODY);
}

void rota_process_tree_close(struct rota_process_tree *f)
{
    free(f->members);
    *f = (struct rota_process_tree){0};
}

uint64_t rota_process_tree_start_of(const struct rota_process_tree *f, pid_t pid)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->members[i].pid == pid)
            return f->members[i].started;
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

bool rota_process_tree_read_children(struct rota_process_tree *f)
{
    char path[64];
    int pid;
    f->count = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    while (fscanf(file, "%d", &pid) == 1)
        add(f, &(struct rota_process_info){.pid = pid});
    fclose(file);
    return true;
}
