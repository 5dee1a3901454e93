/* Compares the guarantees of docs/BACKEND.md with the list of the tests: the numbers and sentences
 * must be the same, and none may be missing on either side. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/contract/guarantees.h"

static const char *const sentences[] = {
#define X(number, name, able, sentence) "* **G" #number "** " sentence "\n",
    GUARANTEE_MAP(X)
#undef X
};

enum { COUNT = sizeof sentences / sizeof *sentences };

static bool is_listed(const char *line)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp(line, sentences[i]) == 0)
            return true;
    return false;
}

int main(int argc, char **argv)
{
    FILE *document = argc == 2 ? fopen(argv[1], "r") : NULL;
    char *line = NULL;
    size_t size = 0;
    size_t found = 0;
    int status = 0;

    if (document == NULL) {
        fprintf(stderr, "usage: contract_document docs/BACKEND.md\n");
        return 2;
    }
    while (getline(&line, &size, document) >= 0) {
        if (strncmp(line, "* **G", 5) != 0)
            continue;
        found++;
        if (!is_listed(line)) {
            printf("%s: no test for this: %s", argv[1], line);
            status = 1;
        }
    }
    if (found != COUNT) {
        printf("%s: %zu guarantees, but %d tests\n", argv[1], found, (int)COUNT);
        status = 1;
    }
    free(line);
    fclose(document);
    return status;
}
