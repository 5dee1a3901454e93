/* Results as text for standard output: lines for people, JSON for programs. */
#ifndef ROTA_CLI_BASE_REPORT_H
#define ROTA_CLI_BASE_REPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes a JSON value as one line. Takes over the reference. The caller frees the result. */
char *rota_report_json(json_t *value, size_t *length);

/* Makes a JSON string of a text. If the text is not UTF-8, its bytes above 127 become "?". */
json_t *rota_report_text(const char *text);

/* Writes a task's name as a line, or as an object. The caller frees the result. */
char *rota_report_name(const char *name, bool json, size_t *length);

/* Output of a task, borrowed. */
struct rota_report_bytes {
    const char *data;
    size_t length;
};

/* Writes the result of a task as an object: name if there is one, line of the input unless it is 0,
 * state, reason if there is one, output, and errors if there are any; output_base64 and
 * errors_base64 if the bytes are not UTF-8. The caller frees the result. */
char *rota_report_result(const char *name, uint64_t line, const char *state, const char *reason,
                         struct rota_report_bytes output, struct rota_report_bytes errors,
                         size_t *length);

/* Writes the outcome of an operator's request for one name, as a line or as an object. The caller
 * frees the result. */
char *rota_report_outcome(const char *name, const char *state, const char *reason, bool json,
                          size_t *length);

#endif
