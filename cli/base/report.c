#include "cli/base/report.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/base/base64.h"
#include "system/memory.h"

char *rota_report_json(json_t *value, size_t *length)
{
    char *text = json_dumps(value, JSON_COMPACT);

    if (text == NULL)
        rota_memory_exhausted();
    json_decref(value);
    *length = strlen(text) + 1;
    text = rota_memory_grow(text, *length + 1);
    memcpy(text + *length - 1, "\n", 2);
    return text;
}

json_t *rota_report_text(const char *text)
{
    json_t *value = json_string(text);

    if (value != NULL)
        return value;
    char *copy = rota_memory_text(text);
    for (char *at = copy; *at != '\0'; at++)
        if ((unsigned char)*at > 127)
            *at = '?';
    value = json_string(copy);
    free(copy);
    return value;
}

char *rota_report_name(const char *name, bool json, size_t *length)
{
    if (json)
        return rota_report_json(json_pack("{s:o}", "name", rota_report_text(name)), length);
    *length = strlen(name) + 1;
    char *text = rota_memory_grow(NULL, *length + 1);
    snprintf(text, *length + 1, "%s\n", name);
    return text;
}

static void add_bytes(json_t *object, const char *member, const char *encoded,
                      struct rota_report_bytes bytes)
{
    json_t *text = json_stringn(bytes.data, bytes.length); /* NULL: not UTF-8 */

    if (text == NULL) {
        size_t size = ROTA_BASE64_TEXT_SIZE(bytes.length);
        char *base64 = rota_memory_grow(NULL, size);

        rota_base64_encode(base64, size, bytes.data, bytes.length);
        json_object_set_new(object, encoded, json_string(base64));
        free(base64);
    } else {
        json_object_set_new(object, member, text);
    }
}

char *rota_report_result(const char *name, uint64_t line, const char *state, const char *reason,
                         struct rota_report_bytes output, struct rota_report_bytes errors,
                         size_t *length)
{
    json_t *object = json_object();

    if (name != NULL && name[0] != '\0')
        json_object_set_new(object, "name", rota_report_text(name));
    if (line > 0)
        json_object_set_new(object, "line", json_integer((json_int_t)line));
    json_object_set_new(object, "state", rota_report_text(state));
    if (reason[0] != '\0')
        json_object_set_new(object, "reason", rota_report_text(reason));
    add_bytes(object, "output", "output_base64", output);
    if (errors.length > 0)
        add_bytes(object, "errors", "errors_base64", errors);
    return rota_report_json(object, length);
}

char *rota_report_outcome(const char *name, const char *state, const char *reason, bool json,
                          size_t *length)
{
    const char *colon = reason[0] != '\0' ? ": " : "";

    if (json) {
        json_t *object = json_pack("{s:o, s:o}", "name", rota_report_text(name), "state",
                                   rota_report_text(state));

        if (reason[0] != '\0')
            json_object_set_new(object, "reason", rota_report_text(reason));
        return rota_report_json(object, length);
    }
    *length = strlen(name) + strlen(state) + strlen(colon) + strlen(reason) + 2;
    char *text = rota_memory_grow(NULL, *length + 1);
    snprintf(text, *length + 1, "%s %s%s%s\n", name, state, colon, reason);
    return text;
}
