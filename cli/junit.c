#include "cli/junit.h"

#include <string.h>

static void write_escaped(FILE *to, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const char *entity = text[i] == '<'   ? "&lt;"
                             : text[i] == '>' ? "&gt;"
                             : text[i] == '&' ? "&amp;"
                             : text[i] == '"' ? "&quot;"
                                              : NULL;
        unsigned char c = (unsigned char)text[i];

        if (entity != NULL)
            fputs(entity, to);
        else
            putc(c < ' ' && c != '\n' ? ' ' : c, to);
    }
}

void rota_junit_open(FILE *to, const char *suite)
{
    fprintf(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"%s\">\n", suite);
}

void rota_junit_write(FILE *to, const struct rota_junit_case *one)
{
    fprintf(to, "  <testcase classname=\"%s\" name=\"", one->group);
    write_escaped(to, one->name, strlen(one->name));
    fprintf(to, "\" time=\"%.3f\"", one->seconds);
    if (one->failure == NULL) {
        fputs("/>\n", to);
        return;
    }
    fprintf(to, ">\n    <failure type=\"%s\" message=\"", one->failure);
    write_escaped(to, one->text, strcspn(one->text, "\n"));
    fputs("\">", to);
    write_escaped(to, one->text, strlen(one->text));
    fputs("</failure>\n  </testcase>\n", to);
}

void rota_junit_close(FILE *to)
{
    fputs("</testsuite>\n", to);
}
