/* A report that continuous integration reads: one test case a scenario, in the form that Jenkins
 * and GitLab take. */
#ifndef ROTA_CLI_COMMANDS_JUNIT_H
#define ROTA_CLI_COMMANDS_JUNIT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct rota_junit_case {
    const char *group; /* what kind of test it is */
    const char *name;
    double seconds;
    const char *failure; /* what kind of failure; NULL: none */
    const char *text;    /* its lines, of which the first is its message */
};

/* A report under way. Its counts come first in the file, so that cases are kept until the end. */
struct rota_junit {
    FILE *to;          /* borrowed */
    const char *suite; /* borrowed */
    FILE *cases;
    char *text;
    size_t length;
    uint32_t count;
    uint32_t failures;
    double seconds;
};

/* Begins a report that goes into `to`. Ends the program if there is no memory. */
void rota_junit_open(struct rota_junit *j, FILE *to, const char *suite);

/* Adds a test case. Bytes that XML cannot have are written as spaces. */
void rota_junit_write(struct rota_junit *j, const struct rota_junit_case *one);

/* Writes the report. The file stays open. */
void rota_junit_close(struct rota_junit *j);

#endif
