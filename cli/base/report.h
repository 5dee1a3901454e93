/* What is printed for machines and for people: results as JSON, listings as columns. */
#ifndef ROTA_CLI_BASE_REPORT_H
#define ROTA_CLI_BASE_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A JSON value as one line. Takes over the reference. Returns memory for the caller to free. */
char *rota_report_json(json_t *value, size_t *length);

/* A text that may not be UTF-8 as a JSON string, with "?" for the bytes that then are no ASCII. */
json_t *rota_report_text(const char *text);

/* A task's name as a line of its own, or as an object. Returns memory for the caller to free. */
char *rota_report_name(const char *name, bool json, size_t *length);

/* What a task has printed, borrowed. */
struct rota_report_text {
    const char *data;
    size_t length;
};

/* One task's end as an object: name if it has one, line of the input unless it is 0, state,
 * reason if there is one, output, and errors if there are any; output_base64 and errors_base64
 * where the bytes are not UTF-8. Returns memory for the caller to free. */
char *rota_report_result(const char *name, uint64_t line, const char *state, const char *reason,
                         struct rota_report_text output, struct rota_report_text errors,
                         size_t *length);

/* What came of one wish of an operator, as a line or as an object. Returns memory for the caller to
 * free. */
char *rota_report_outcome(const char *name, const char *state, const char *reason, bool json,
                          size_t *length);

enum { ROTA_REPORT_COLUMNS = 6 };

/* Rows of texts, printed in columns as wide as needed. Zeroed memory is an empty table. */
struct rota_report_table {
    char *(*rows)[ROTA_REPORT_COLUMNS];
    size_t count;
    size_t capacity;
};

/* Appends a row of copies; missing cells are NULL. The first row is the heading. */
void rota_report_add(struct rota_report_table *t, const char *const cells[ROTA_REPORT_COLUMNS]);

/* Prints the table on standard output. */
void rota_report_print(const struct rota_report_table *t);

/* Frees the rows. */
void rota_report_close(struct rota_report_table *t);

#endif
