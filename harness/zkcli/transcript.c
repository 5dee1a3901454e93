#include "harness/zkcli/transcript.h"

#include <string.h>

struct line {
    const char *text;
    size_t length;
};

/* ---- lines ---- */

static size_t line_length(const char *text)
{
    return strcspn(text, "\n");
}

static const char *after_line(const char *text)
{
    size_t length = line_length(text);

    return text + length + (text[length] == '\n' ? 1 : 0);
}

static bool is_event(const char *text)
{
    static const char word[] = "WATCHER::";

    return line_length(text) == strlen(word) && strncmp(text, word, strlen(word)) == 0;
}

/* Takes the next line that counts, and counts all lines in `number`. False at the end. */
static bool next_line(const char **text, struct line *line, uint32_t *number)
{
    const char *t = *text;

    if (*t == '\n' && is_event(t + 1)) {
        t++;
        ++*number;
    }
    if (*t == '\0') {
        *text = t;
        return false;
    }
    line->text = t;
    line->length = line_length(t);
    ++*number;
    *text = after_line(t);
    if (is_event(t) && **text == '\n') {
        ++*text;
        ++*number;
    }
    return true;
}

/* ---- one line ---- */

static bool is_digit(char c, bool hex)
{
    return (c >= '0' && c <= '9') || (hex && c >= 'a' && c <= 'f');
}

/* The length of the number at the start of a line, 0 if there is none. */
static size_t number_length(struct line l)
{
    bool hex = l.length > 2 && l.text[0] == '0' && l.text[1] == 'x' && is_digit(l.text[2], true);
    size_t length = hex ? 2 : l.length > 1 && l.text[0] == '-' && is_digit(l.text[1], false);

    while (length < l.length && is_digit(l.text[length], hex))
        length++;
    return length;
}

static bool begins(struct line l, const char *word)
{
    return l.length >= strlen(word) && memcmp(l.text, word, strlen(word)) == 0;
}

static struct line from(struct line l, size_t at)
{
    return (struct line){l.text + at, l.length - at};
}

/* On a mismatch, only the last `<any>` is tried again with more text: what earlier ones matched
 * stays right. */
static bool line_matches(struct line pattern, struct line line)
{
    struct line after_any = {0};
    struct line taken = {0};

    for (;;) {
        size_t number = 0;

        if (begins(pattern, "<any>")) {
            pattern = after_any = from(pattern, strlen("<any>"));
            taken = line;
            continue;
        }
        if (begins(pattern, "<n>") && (number = number_length(line)) > 0) {
            pattern = from(pattern, strlen("<n>"));
            line = from(line, number);
        } else if (pattern.length > 0 && line.length > 0 && !begins(pattern, "<n>") &&
                   pattern.text[0] == line.text[0]) {
            pattern = from(pattern, 1);
            line = from(line, 1);
        } else if (pattern.length == 0 && line.length == 0) {
            return true;
        } else if (after_any.text != NULL && taken.length > 0) {
            taken = from(taken, 1);
            pattern = after_any;
            line = taken;
        } else {
            return false;
        }
    }
}

/* ---- whole texts ---- */

/* zkCli's note about a deprecated form, which the expected text may leave out. */
static bool is_notice(struct line l)
{
    static const char words[] = "' has been deprecated. Please use '";

    for (; l.length >= strlen(words); l = from(l, 1))
        if (begins(l, words))
            return true;
    return false;
}

/* Goes past the equal lines; writes them to `out`, unless it is NULL. */
static void skip_same(FILE *out, const char **expected, const char **printed, uint32_t *number)
{
    for (;;) {
        const char *e = *expected;
        const char *p = *printed;
        struct line pattern;
        struct line line;
        uint32_t lines = *number;
        uint32_t ignored = 0;

        if (!next_line(&p, &line, &ignored))
            return;
        if (!next_line(&e, &pattern, &lines) || !line_matches(pattern, line)) {
            if (!is_notice(line))
                return;
            *printed = p;
            continue;
        }
        if (out != NULL)
            fprintf(out, "      %.*s\n", (int)line.length, line.text);
        *expected = e;
        *printed = p;
        *number = lines;
    }
}

bool rota_transcript_matches(const char *expected, const char *printed)
{
    uint32_t number = 0;

    skip_same(NULL, &expected, &printed, &number);
    return *expected == '\0' && *printed == '\0';
}

static void write_all(FILE *out, char sign, const char *text)
{
    struct line line;
    uint32_t ignored = 0;

    while (next_line(&text, &line, &ignored))
        fprintf(out, "    %c %.*s\n", sign, (int)line.length, line.text);
}

uint32_t rota_transcript_compare(FILE *out, const char *expected, const char *printed,
                                 uint32_t line)
{
    uint32_t number = 0;

    skip_same(out, &expected, &printed, &number);
    write_all(out, '-', expected);
    write_all(out, '+', printed);
    return line + number;
}
