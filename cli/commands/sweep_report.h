/* The results of a sweep over several files: violations and a table for people, one JSON object for
 * programs, and a JUnit report for continuous integration. */
#ifndef ROTA_CLI_COMMANDS_SWEEP_REPORT_H
#define ROTA_CLI_COMMANDS_SWEEP_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "cli/base/junit.h"
#include "cli/base/table.h"
#include "harness/language/lexer.h"
#include "harness/language/scenario.h"
#include "harness/search/sweep.h"

struct rota_sweep_report_config {
    bool all;          /* print every violation, not only the first of each file */
    bool json;         /* print one JSON object instead of text */
    const char *junit; /* the path of the JUnit report; NULL: none */
    uint64_t seed;     /* with which the runs of a file were chosen, if not all are run */
};

struct rota_sweep_report {
    struct rota_sweep_report_config config;
    struct rota_sweep sum; /* over all files */
    struct rota_table table;
    json_t *scenarios;
    FILE *junit; /* NULL: none */
    struct rota_junit cases;
};

/* Begins a report. False, with a sentence, if the JUnit report cannot be written; then it must be
 * closed all the same. */
bool rota_sweep_report_open(struct rota_sweep_report *r,
                            const struct rota_sweep_report_config *config);

/* Adds a file that was swept with this seed, and prints its violations. */
void rota_sweep_report_add(struct rota_sweep_report *r, const struct rota_scenario *s,
                           uint64_t seed, const struct rota_sweep *sweep);

/* Adds a file that cannot be read. */
void rota_sweep_report_refuse(struct rota_sweep_report *r, const char *file,
                              const struct rota_scenario_error *error);

/* Prints the sum of all files and frees everything. False, with a sentence, if the JUnit report is
 * not complete. */
bool rota_sweep_report_close(struct rota_sweep_report *r);

#endif
