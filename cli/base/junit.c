#include "cli/base/junit.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/base/report.h"
#include "system/memory.h"

/* U+FFFE and U+FFFF are the only characters of three bytes that XML does not allow. */
static bool is_noncharacter(const char *text)
{
    return strncmp(text, "\xef\xbf\xbe", 3) == 0 || strncmp(text, "\xef\xbf\xbf", 3) == 0;
}

/* Writes that many bytes of a UTF-8 text. */
static void write_characters(FILE *to, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const char *entity = text[i] == '<'   ? "&lt;"
                             : text[i] == '>' ? "&gt;"
                             : text[i] == '&' ? "&amp;"
                             : text[i] == '"' ? "&quot;"
                                              : NULL;
        unsigned char c = (unsigned char)text[i];

        if (entity != NULL) {
            fputs(entity, to);
        } else if (is_noncharacter(text + i)) {
            putc(' ', to);
            i += 2;
        } else {
            putc((c < ' ' && c != '\n') || c == 0x7f ? ' ' : c, to);
        }
    }
}

/* Writes any text, or only its first line. */
static void write_text(FILE *to, const char *text, bool line)
{
    json_t *valid = rota_report_text(text);
    const char *string = json_string_value(valid);

    write_characters(to, string, line ? strcspn(string, "\n") : strlen(string));
    json_decref(valid);
}

void rota_junit_open(struct rota_junit *j, FILE *to, const char *suite)
{
    *j = (struct rota_junit){.to = to, .suite = suite};
    j->cases = open_memstream(&j->text, &j->length);
    if (j->cases == NULL)
        rota_memory_exhausted();
}

void rota_junit_write(struct rota_junit *j, const struct rota_junit_case *one)
{
    FILE *to = j->cases;

    j->count++;
    j->failures += one->failure != NULL;
    j->seconds += one->seconds;
    fprintf(to, "  <testcase classname=\"%s\" name=\"", one->group);
    write_text(to, one->name, false);
    fprintf(to, "\" time=\"%.3f\"", one->seconds);
    if (one->failure == NULL) {
        fputs("/>\n", to);
        return;
    }
    fprintf(to, ">\n    <failure type=\"%s\" message=\"", one->failure);
    write_text(to, one->text, true);
    fputs("\">", to);
    write_text(to, one->text, false);
    fputs("</failure>\n  </testcase>\n", to);
}

void rota_junit_close(struct rota_junit *j)
{
    fclose(j->cases);
    fprintf(j->to,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites>\n<testsuite name=\"%s\" tests=\"%u\" failures=\"%u\" errors=\"0\""
            " skipped=\"0\" time=\"%.3f\">\n",
            j->suite, j->count, j->failures, j->seconds);
    fwrite(j->text, 1, j->length, j->to);
    fputs("</testsuite>\n</testsuites>\n", j->to);
    free(j->text);
}
