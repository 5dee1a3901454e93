/* A JUnit report for continuous integration, in the form that Jenkins and GitLab read: one test
 * case for each scenario. */
#ifndef ROTA_CLI_BASE_JUNIT_H
#define ROTA_CLI_BASE_JUNIT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct rota_junit_case {
    const char *group; /* the kind of test */
    const char *name;
    double seconds;
    const char *failure; /* the kind of failure; NULL: none */
    const char *text;    /* lines about the failure; the first is the message */
};

/* A report that is being written. The counts come first in the file, so the cases are kept in
 * memory until the end. */
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

/* Begins a report into `to`. Ends the program if there is no memory. */
void rota_junit_open(struct rota_junit *j, FILE *to, const char *suite);

/* Adds a test case. Bytes that XML does not allow are written as spaces. */
void rota_junit_write(struct rota_junit *j, const struct rota_junit_case *one);

/* Writes the report. The file stays open. */
void rota_junit_close(struct rota_junit *j);

#endif
