#include "cli/base/screen.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    BAR_WIDTH = 30,
    NARROW = 10, /* width of the bar beside a task's progress report */
    SENTENCE_LIMIT = 8192,
    LINE_LIMIT = 1000,
    NAME_LIMIT = 255,
    COLUMNS = 80, /* of a terminal whose width is not known */
};

static void put(const struct rota_screen *s, const char *text, size_t length)
{
    rota_log_put(s != NULL ? s->log : NULL, text, length);
}

void rota_screen_open(struct rota_screen *s, bool bar)
{
    *s = (struct rota_screen){.bar = bar && isatty(STDERR_FILENO) == 1};
}

void rota_screen_flush(struct rota_screen *s)
{
    if (s != NULL)
        rota_log_flush(s->log);
}

void rota_screen_clear(struct rota_screen *s)
{
    static const char erase[] = "\r\033[K";

    if (s == NULL || !s->shown)
        return;
    put(s, erase, sizeof erase - 1);
    rota_screen_flush(s);
    s->shown = false;
}

void rota_screen_say(struct rota_screen *s, const char *format, ...)
{
    char text[SENTENCE_LIMIT] = "rota: ";
    size_t length = strlen(text);
    va_list arguments;

    rota_screen_clear(s);
    va_start(arguments, format);
    vsnprintf(text + length, sizeof text - length - 1, format, arguments);
    va_end(arguments);
    length = strlen(text);
    text[length] = '\n';
    put(s, text, length + 1);
    rota_screen_flush(s);
}

void rota_screen_line(struct rota_screen *s, const char *name, const char *line, size_t length)
{
    char text[NAME_LIMIT + LINE_LIMIT + 4] = "";
    size_t to = 0;

    rota_screen_clear(s);
    if (name != NULL)
        to = (size_t)snprintf(text, NAME_LIMIT + 3, "%.*s: ", NAME_LIMIT, name);
    for (size_t i = 0; i < length && i < LINE_LIMIT; i++) {
        unsigned char c = (unsigned char)line[i];

        text[to++] = (char)((c < ' ' && c != '\t') || c == 127 ? '?' : c);
    }
    text[to++] = '\n';
    rota_log_pass(s != NULL ? s->log : NULL, text, to);
}

void rota_screen_show_progress(struct rota_screen *s, const char *name, const char *line)
{
    char progress[sizeof s->progress] = "";

    if (line != NULL)
        snprintf(progress, sizeof progress, "%s%s%s", name != NULL ? name : "",
                 name != NULL ? ": " : "", line);
    for (char *c = progress; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 127)
            *c = '?';
    s->progress_changed = s->progress_changed || strcmp(s->progress, progress) != 0;
    memcpy(s->progress, progress, sizeof progress);
}

static size_t columns(void)
{
    struct winsize size;
    bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;

    return known ? size.ws_col : COLUMNS;
}

/* How many bytes of the text fit into one line of the terminal, since a line that wraps could not
 * be erased. The text is cut before a character of several bytes, never within it. */
static size_t fit(const char *text, size_t length)
{
    size_t most = columns() - 1;

    if (length <= most)
        return length;
    while (most > 0 && ((unsigned char)text[most] & 0xc0u) == 0x80)
        most--;
    return most;
}

static void draw_bar(struct rota_screen *s)
{
    const struct rota_screen_counts *c = &s->counts;
    char bar[BAR_WIDTH + 1];
    char text[SENTENCE_LIMIT];
    char line[SENTENCE_LIMIT + 8];
    uint64_t ended = c->done + c->failed;
    size_t width = s->progress[0] != '\0' ? NARROW : BAR_WIDTH;
    size_t filled = c->total > 0 ? (size_t)(ended * width / c->total) : 0;

    memset(bar, '-', width);
    memset(bar, '#', filled);
    bar[width] = '\0';
    int length =
        s->counted != NULL
            ? snprintf(text, sizeof text, "[%s] %llu of %llu %s", bar, (unsigned long long)ended,
                       (unsigned long long)c->total, s->counted)
            : snprintf(text, sizeof text, "[%s] %llu of %llu%s done, %llu running, %llu failed%s%s",
                       bar, (unsigned long long)ended, (unsigned long long)c->total,
                       c->total_known ? "" : "+", (unsigned long long)c->running,
                       (unsigned long long)c->failed, s->progress[0] != '\0' ? "; " : "",
                       s->progress);
    length = snprintf(line, sizeof line, "\r\033[K%.*s", (int)fit(text, (size_t)length), text);
    put(s, line, (size_t)length);
    rota_screen_flush(s);
}

void rota_screen_draw(struct rota_screen *s)
{
    if (!s->bar || s->blocked || s->counts.total == 0 || rota_log_is_waiting(s->log))
        return;
    if (s->shown && !s->progress_changed && memcmp(&s->counts, &s->drawn, sizeof s->counts) == 0)
        return;
    draw_bar(s);
    s->drawn = s->counts;
    s->progress_changed = false;
    s->shown = true;
}
