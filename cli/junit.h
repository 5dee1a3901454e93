/* A report that continuous integration reads: one test case a scenario. */
#ifndef ROTA_CLI_JUNIT_H
#define ROTA_CLI_JUNIT_H

#include <stdbool.h>
#include <stdio.h>

struct rota_junit_case {
    const char *group; /* what kind of test it is */
    const char *name;
    double seconds;
    const char *failure; /* what kind of failure; NULL: none */
    const char *text;    /* its lines, of which the first is its message */
};

/* Begins the report. */
void rota_junit_open(FILE *to, const char *suite);

/* Writes a test case. Bytes that XML cannot have are written as spaces. */
void rota_junit_write(FILE *to, const struct rota_junit_case *one);

/* Ends the report. The file stays open. */
void rota_junit_close(FILE *to);

#endif
