#include "model/base/trace.h"

#include <inttypes.h>
#include <string.h>

#include "model/base/format.h"

static const char *const names[] = {
#define X(name, sentence) #name,
    ROTA_NOTE_MAP(X)
#undef X
};

static const char *const sentences[] = {
#define X(name, sentence) sentence,
    ROTA_NOTE_MAP(X)
#undef X
};

const char *rota_note_name(enum rota_note_kind kind)
{
    return names[kind];
}

/* Appends what fits and returns the new length. */
static size_t append(char *text, size_t size, size_t length, const char *what)
{
    size_t room = size - 1 - length;
    size_t n = strlen(what);

    if (n > room)
        n = room;
    memcpy(text + length, what, n);
    text[length + n] = '\0';
    return length + n;
}

static size_t append_number(char *text, size_t size, size_t length, int64_t number)
{
    char digits[24];

    rota_format(digits, sizeof digits, "%" PRId64, number);
    return append(text, size, length, digits);
}

size_t rota_note_format(const struct rota_note *note, char *text, size_t size)
{
    size_t length = 0;

    text[0] = '\0';
    for (const char *s = sentences[note->kind]; *s != '\0'; s++) {
        char one[2] = {*s, '\0'};

        if (*s != '%') {
            length = append(text, size, length, one);
            continue;
        }
        switch (*++s) {
        case 'n':
            length = append(text, size, length, note->name == NULL ? "" : note->name);
            break;
        case 'o':
            length = append(text, size, length, note->other == NULL ? "" : note->other);
            break;
        case 'a':
            length = append_number(text, size, length, note->a);
            break;
        case 'b':
            length = append_number(text, size, length, note->b);
            break;
        default:
            length = append_number(text, size, length, note->c);
            break;
        }
    }
    return length;
}

size_t rota_trace_format(int64_t time_us, const char *who, const struct rota_note *note, char *text,
                         size_t size)
{
    int64_t ms = time_us / 1000;
    int indent = who[0] == 'w' ? 2 : who[0] == 'c' ? 4 : 0;
    size_t length = rota_format(text, size, "[%5" PRId64 ".%03ds] %*s%-*s ", ms / 1000,
                                (int)(ms % 1000), indent, "", 6 - indent, who);

    if (length >= size)
        return size - 1;
    return length + rota_note_format(note, text + length, size - length);
}
