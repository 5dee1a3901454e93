/* The scenario files that a command line names: files, and folders with all files below them. */
#ifndef ROTA_HARNESS_PLAY_SCENARIO_FILES_H
#define ROTA_HARNESS_PLAY_SCENARIO_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rota_scenario_files {
    char **paths;
    uint32_t count;
    uint32_t capacity;
};

/* Fills `files` with the names. A folder is replaced by the files below it whose names end in .scn,
 * ordered by file name; hidden files and folders are left out. Any other name stays as it is, even
 * if there is no such file. True: free the files with rota_scenario_files_close. False: a folder
 * cannot be read, has no scenario file or contains itself; `error` of `size` bytes is a sentence
 * about it, and nothing needs to be freed. */
bool rota_scenario_files_find(struct rota_scenario_files *files, const char *const *names,
                              uint32_t count, char *error, size_t size);

/* Frees the paths. */
void rota_scenario_files_close(struct rota_scenario_files *files);

#endif
