#include "harness/play/scenario_files.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "system/memory.h"

static void add(struct rota_scenario_files *files, const char *path)
{
    files->paths =
        rota_memory_extend(files->paths, files->count, &files->capacity, sizeof *files->paths);
    files->paths[files->count++] = rota_memory_text(path);
}

static bool is_folder(const char *name)
{
    struct stat status;

    return stat(name, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool is_scenario(const char *name)
{
    static const char ending[] = ".scn";
    size_t length = strlen(name);

    return length > strlen(ending) && strcmp(name + length - strlen(ending), ending) == 0;
}

/* Whether the link leads back to itself, which is a loop although no folder is entered. */
static bool is_loop(const char *path)
{
    struct stat status;

    return stat(path, &status) != 0 && errno == ELOOP;
}

static bool fail(char *error, size_t size, const char *path, const char *sentence,
                 const char *reason)
{
    snprintf(error, size, "%.300s: %s%s", path, sentence, reason);
    return false;
}

/* Takes in what the walk has come to. False: the error is filled. */
static bool take(struct rota_scenario_files *files, FTS *walk, FTSENT *entry, char *error,
                 size_t size)
{
    bool is_hidden = entry->fts_level > FTS_ROOTLEVEL && entry->fts_name[0] == '.';

    switch (entry->fts_info) {
    case FTS_D:
        if (is_hidden)
            fts_set(walk, entry, FTS_SKIP);
        return true;
    case FTS_F:
        if (!is_hidden && is_scenario(entry->fts_name))
            add(files, entry->fts_path);
        return true;
    case FTS_SLNONE:
        if (is_loop(entry->fts_path))
            return fail(error, size, entry->fts_path, "this symbolic link leads back to itself",
                        "");
        if (!is_hidden && is_scenario(entry->fts_name))
            add(files, entry->fts_path);
        return true;
    case FTS_DC:
        return fail(error, size, entry->fts_path,
                    "this symbolic link leads back to a folder that contains it", "");
    case FTS_DNR:
    case FTS_NS:
    case FTS_ERR:
        return fail(error, size, entry->fts_path,
                    "this folder cannot be read: ", strerror(entry->fts_errno));
    default: /* a folder after its files; devices, sockets and pipes */
        return true;
    }
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

static int by_file_name(const void *left, const void *right)
{
    const char *a = *(const char *const *)left;
    const char *b = *(const char *const *)right;
    int order = strcmp(base_of(a), base_of(b));

    return order != 0 ? order : strcmp(a, b);
}

/* Adds the files below a folder. False: the error is filled. */
static bool add_folder(struct rota_scenario_files *files, const char *name, char *error,
                       size_t size)
{
    char *roots[] = {rota_memory_text(name), NULL};
    FTS *walk = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, NULL);
    uint32_t first = files->count;
    FTSENT *entry = NULL;
    bool is_right = walk != NULL;

    if (walk == NULL)
        fail(error, size, name, "this folder cannot be read: ", strerror(errno));
    while (is_right && (errno = 0, entry = fts_read(walk)) != NULL)
        is_right = take(files, walk, entry, error, size);
    if (is_right && errno != 0)
        is_right = fail(error, size, name, "this folder cannot be read: ", strerror(errno));
    if (walk != NULL)
        fts_close(walk);
    free(roots[0]);
    if (is_right && files->count == first)
        return fail(error, size, name, "this folder has no scenario file (.scn)", "");
    if (is_right)
        qsort(files->paths + first, files->count - first, sizeof *files->paths, by_file_name);
    return is_right;
}

bool rota_scenario_files_find(struct rota_scenario_files *files, const char *const *names,
                              uint32_t count, char *error, size_t size)
{
    memset(files, 0, sizeof *files);
    for (uint32_t i = 0; i < count; i++) {
        if (!is_folder(names[i])) {
            add(files, names[i]);
        } else if (!add_folder(files, names[i], error, size)) {
            rota_scenario_files_close(files);
            return false;
        }
    }
    return true;
}

void rota_scenario_files_close(struct rota_scenario_files *files)
{
    for (uint32_t i = 0; i < files->count; i++)
        free(files->paths[i]);
    free(files->paths);
    memset(files, 0, sizeof *files);
}
